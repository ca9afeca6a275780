import { latency, type RequestDistribution } from '../definition.ts';
import { outputTokensAt, perRequest, tpotAt } from '../level-facts.ts';
import { ntpotFrom } from '../request-latency.ts';

export const tpot: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'tpot',
  title: 'Time per output token',
  description:
    'Per request: (last - first token time) / (output tokens - tokens of the first chunk). Requests where that is not above 0 have none.',
  formula:
    '(t(last token) - t(first token)) / (N - n), N output tokens, n of them in the first chunk',
  source: 'As vLLM `bench serve`, with the tokens of the first chunk taken at their real number.',
  collect: (facts) => perRequest(facts, facts.ok, (record, at) => tpotAt(facts, record, at)),
};

export const ntpot: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'ntpot',
  title: 'Normalised time per output token',
  description: 'Per request: end-to-end latency / output tokens; prefill and queueing included.',
  formula: '(t(last token) - t(intended send)) / N',
  source: 'Normalised latency: Yu et al., "Orca" (OSDI 2022).',
  collect: (facts) =>
    perRequest(facts, facts.ok, (record, at) => ntpotFrom(record, outputTokensAt(facts, at))),
};
