import type { DistributionMetric } from '../definition.ts';
import { perRequest } from '../level-facts.ts';
import { inputTokensOf, tpotMs, ttftServiceMs } from '../request-latency.ts';

export const prefillRate: DistributionMetric = {
  kind: 'distribution',
  id: 'prefill_rate',
  title: 'Prefill rate (includes queue)',
  unit: 'tok/s',
  better: 'higher',
  description:
    'Per request: prompt tokens / service TTFT. Waiting in the server is inside, so it is a lower bound of the prefill speed. Never added to the decode rate.',
  source: 'The llm.inference methodology.',
  statistics: ['mean', 'p50'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts.ok, (record) => {
      const ms = ttftServiceMs(record);
      return ms === null || ms <= 0 ? null : (inputTokensOf(record) * 1000) / ms;
    }),
};

export const decodeRate: DistributionMetric = {
  kind: 'distribution',
  id: 'decode_rate',
  title: 'Decode rate',
  unit: 'tok/s',
  better: 'higher',
  description: 'Per request: 1 / TPOT, the speed of one stream once it has begun.',
  source: 'The llm.inference methodology.',
  statistics: ['mean', 'p50'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts.ok, (record) => {
      const ms = tpotMs(record);
      return ms === null ? null : 1000 / ms;
    }),
};
