import { latency, type RequestDistribution } from '../definition.ts';
import { perRequest, withFailures } from '../level-facts.ts';
import { e2eMs, e2eServiceMs } from '../request-latency.ts';

export const e2e: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'e2e',
  title: 'End-to-end latency',
  description:
    'From the intended send to the last chunk that carries a token. The `adj` percentiles count failed requests as infinite.',
  formula: 't(last token) - t(intended send)',
  source: 'Response time from the intended send: Tene, "How NOT to Measure Latency" (2013).',
  collect: (facts) => perRequest(facts, facts.ok, e2eMs),
  collectAdjusted: (facts) => withFailures(facts, e2eMs),
};

export const e2eService: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'e2e_service',
  title: 'End-to-end latency, service',
  description: 'From the actual send to the last chunk that carries a token.',
  formula: 't(last token) - t(actual send)',
  source: 'The moment most load generators count from; for comparison with them.',
  collect: (facts) => perRequest(facts, facts.ok, e2eServiceMs),
};
