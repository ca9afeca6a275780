import { defineLatency } from '../definition.ts';
import { perRequest, withFailures } from '../level-facts.ts';
import { ttftMs, ttftServiceMs } from '../request-latency.ts';

export const ttft = defineLatency({
  id: 'ttft',
  title: 'Time to first token',
  description:
    'From the intended send to the first chunk that carries a token (content, reasoning or tool call). A send that the client or a concurrency cap delayed counts as waiting. The `adj` percentiles count failed requests as infinite.',
  source: 'Response time from the intended send: Tene, "How NOT to Measure Latency" (2013).',
  collect: (facts) => perRequest(facts.ok, ttftMs),
  collectAdjusted: (facts) => withFailures(facts, ttftMs),
});

export const ttftService = defineLatency({
  id: 'ttft_service',
  title: 'Time to first token, service',
  description: 'From the actual send to the first chunk that carries a token.',
  source: 'The moment most load generators count from; for comparison with them.',
  collect: (facts) => perRequest(facts.ok, ttftServiceMs),
});
