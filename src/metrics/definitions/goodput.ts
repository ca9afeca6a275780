import type { ScalarMetric } from '../definition.ts';
import { isShortAt, type LevelFacts, outputTokensAt, undecided } from '../level-facts.ts';
import { isCompletedInside, ratePerSecond } from './throughput.ts';

const source = 'Goodput: Zhong et al., "DistServe" (OSDI 2024).';

function goodputOf(facts: LevelFacts, amountAt: (at: number) => number): number | null {
  const { meetsSlo, lengthEnforced } = facts;
  if (meetsSlo === null) return null;
  return ratePerSecond(facts, (record, span, at) => {
    const isGood =
      isCompletedInside(record, span) &&
      meetsSlo[at] === 1 &&
      !(lengthEnforced && isShortAt(facts, at));
    return isGood ? amountAt(at) : 0;
  });
}

export const goodput: ScalarMetric = {
  kind: 'scalar',
  id: 'goodput_req_s',
  title: 'Goodput',
  unit: 'req/s',
  better: 'higher',
  description:
    'Completed requests within every limit of the first SLO, as requests_per_s. Outputs shorter than enforced are left out. For the load at hand.',
  formula: 'completed requests within every limit / (t(last end) - t(window start))',
  source,
  compute: (facts) => goodputOf(facts, () => 1),
};

export const tokenGoodput: ScalarMetric = {
  kind: 'scalar',
  id: 'goodput_tok_s',
  title: 'Goodput in tokens',
  unit: 'tok/s',
  better: 'higher',
  description: 'Output tokens of the requests that goodput_req_s counts.',
  formula:
    'output tokens of completed requests within every limit / (t(last end) - t(window start))',
  source,
  compute: (facts) => goodputOf(facts, (at) => outputTokensAt(facts, at) ?? 0),
};

export const attainment: ScalarMetric = {
  kind: 'scalar',
  id: 'slo_attainment',
  title: 'SLO attainment',
  unit: 'share',
  better: 'higher',
  description:
    'Share of counted requests within every limit of the first SLO; failures are misses. Requests that were cancelled before a limit had passed are left out.',
  formula: 'counted requests within every limit / counted requests that can be judged',
  source,
  compute({ meetsSlo, counted }) {
    if (meetsSlo === null) return null;
    const judged = counted.filter((at) => meetsSlo[at] !== undecided);
    return judged.length === 0
      ? null
      : judged.filter((at) => meetsSlo[at] === 1).length / judged.length;
  },
};
