import { outputTokensOf, type RequestRecord } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import type { LevelFacts, RateSpan } from '../level-facts.ts';
import { isShortOutput, requestMeetsSlo, sloAttainment } from '../slo.ts';
import { isCompletedInside, ratePerSecond } from './throughput.ts';

const source = 'Goodput: Zhong et al., "DistServe" (OSDI 2024).';

function goodputOf(facts: LevelFacts, amountOf: (record: RequestRecord) => number): number | null {
  const { slo, lengthEnforced } = facts;
  if (slo === null) return null;
  const isGood = (record: RequestRecord, span: RateSpan) =>
    isCompletedInside(record, span) &&
    requestMeetsSlo(record, slo) === true &&
    !(lengthEnforced && isShortOutput(record));
  return ratePerSecond(facts, (record, span) => (isGood(record, span) ? amountOf(record) : 0));
}

export const goodput: ScalarMetric = {
  kind: 'scalar',
  id: 'goodput_req_s',
  title: 'Goodput',
  unit: 'req/s',
  better: 'higher',
  description:
    'Completed requests within every limit of the SLO template, as requests_per_s. Outputs shorter than enforced are left out. For the load at hand.',
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
  source,
  compute: (facts) => goodputOf(facts, (record) => outputTokensOf(record) ?? 0),
};

export const attainment: ScalarMetric = {
  kind: 'scalar',
  id: 'slo_attainment',
  title: 'SLO attainment',
  unit: 'share',
  better: 'higher',
  description:
    'Share of counted requests within every limit of the SLO template; failures are misses. Requests that were cancelled before a limit had passed are left out.',
  source,
  compute: ({ counted, slo }) => (slo === null ? null : sloAttainment(counted, slo)),
};
