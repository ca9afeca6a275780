import { defineLatency } from '../definition.ts';
import { perRequest } from '../level-facts.ts';
import { ntpotMs, tpotMs } from '../request-latency.ts';

export const tpot = defineLatency({
  id: 'tpot',
  title: 'Time per output token',
  description:
    'Per request: (last - first token time) / (output tokens - tokens of the first chunk). Requests where that is not above 0 have none.',
  source: 'As vLLM `bench serve`, with the tokens of the first chunk taken at their real number.',
  collect: (facts) => perRequest(facts.ok, tpotMs),
});

export const ntpot = defineLatency({
  id: 'ntpot',
  title: 'Normalised time per output token',
  description: 'Per request: end-to-end latency / output tokens; prefill and queueing included.',
  source: 'Normalised latency: Yu et al., "Orca" (OSDI 2022).',
  collect: (facts) => perRequest(facts.ok, ntpotMs),
});
