import { latency, type RequestDistribution } from '../definition.ts';
import { perRequest, withFailures } from '../level-facts.ts';
import { ttftMs, ttftServiceMs } from '../request-latency.ts';

export const ttft: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'ttft',
  title: 'Time to first token',
  description:
    'From the intended send to the first chunk that carries a token (content, reasoning or tool call). A send that the client or a concurrency cap delayed counts as waiting. The `adj` percentiles count failed requests as infinite.',
  formula: 't(first token) - t(intended send)',
  source: 'Response time from the intended send: Tene, "How NOT to Measure Latency" (2013).',
  collect: (facts) => perRequest(facts, facts.ok, ttftMs),
  collectAdjusted: (facts) => withFailures(facts, ttftMs),
};

export const ttftService: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'ttft_service',
  title: 'Time to first token, service',
  description: 'From the actual send to the first chunk that carries a token.',
  formula: 't(first token) - t(actual send)',
  source: 'The moment most load generators count from; for comparison with them.',
  collect: (facts) => perRequest(facts, facts.ok, ttftServiceMs),
};
