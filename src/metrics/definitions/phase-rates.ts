import type { RequestDistribution } from '../definition.ts';
import { perRequest, tpotAt } from '../level-facts.ts';
import { inputTokensOf, ttftServiceMs } from '../request-latency.ts';

export const prefillRate: RequestDistribution = {
  kind: 'distribution',
  of: 'requests',
  id: 'prefill_rate',
  title: 'Prefill rate (includes queue)',
  unit: 'tok/s',
  better: 'higher',
  description:
    'Per request: prompt tokens / service TTFT. Waiting in the server is inside, so it is a lower bound of the prefill speed. Never added to the decode rate.',
  formula: 'prompt tokens / (t(first token) - t(actual send))',
  source: 'The llm.inference methodology.',
  statistics: ['mean', 'p50'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts, facts.ok, (record) => {
      const ms = ttftServiceMs(record);
      return ms === null || ms <= 0 ? null : (inputTokensOf(record) * 1000) / ms;
    }),
};

export const decodeRate: RequestDistribution = {
  kind: 'distribution',
  of: 'requests',
  id: 'decode_rate',
  title: 'Decode rate',
  unit: 'tok/s',
  better: 'higher',
  description: 'Per request: 1 / TPOT, the speed of one stream once it has begun.',
  formula: '(N - n) / (t(last token) - t(first token)), as 1 / TPOT',
  source: 'The llm.inference methodology.',
  statistics: ['mean', 'p50'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts, facts.ok, (record, at) => {
      const ms = tpotAt(facts, record, at);
      return ms === null ? null : 1000 / ms;
    }),
};
