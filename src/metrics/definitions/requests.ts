import type { Outcome } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import { isShortAt, type LevelFacts } from '../level-facts.ts';

const source = 'InferenceBench.';

function count(
  id: string,
  title: string,
  better: ScalarMetric['better'],
  description: string,
  formula: string,
  compute: (facts: LevelFacts) => number | null,
): ScalarMetric {
  const text = { id, title, unit: 'requests', better, description, formula, source };
  return { kind: 'scalar', ...text, compute };
}

const countOutcome = ({ records, failed }: LevelFacts, outcome: Outcome) => {
  let sum = 0;
  for (const at of failed) if (records[at]?.outcome === outcome) sum += 1;
  return sum;
};

export const requestCounts: readonly ScalarMetric[] = [
  count(
    'requests_total',
    'Requests',
    null,
    'Counted requests: those intended inside the window.',
    'n(counted)',
    ({ counted }) => counted.length,
  ),
  count(
    'requests_ok',
    'Requests ok',
    null,
    'Counted requests that succeeded.',
    'n(counted, outcome ok)',
    ({ ok }) => ok.length,
  ),
  count(
    'requests_failed',
    'Requests failed',
    'lower',
    'Counted requests that failed, by any outcome but ok and cancelled.',
    'n(counted, outcome neither ok nor cancelled)',
    ({ failed }) => failed.length,
  ),
  count(
    'requests_rate_limited',
    'Requests rate limited',
    'lower',
    'Counted requests that the server refused with HTTP 429; part of requests_failed.',
    'n(counted, outcome rate_limited)',
    (facts) => countOutcome(facts, 'rate_limited'),
  ),
  count(
    'requests_overloaded',
    'Requests refused as overload',
    'lower',
    'Counted requests that the server refused with HTTP 503; part of requests_failed.',
    'n(counted, outcome overloaded)',
    (facts) => countOutcome(facts, 'overloaded'),
  ),
  count(
    'requests_cancelled',
    'Requests cancelled',
    null,
    'Counted requests that this side ended early (interrupt, stopped level).',
    'n(counted, outcome cancelled)',
    ({ counted, ok, failed }) => counted.length - ok.length - failed.length,
  ),
  count(
    'requests_short',
    'Short outputs',
    'lower',
    'Requests that ended ok with fewer output tokens than enforced; null where the length was not enforced.',
    'n(ok, N < N asked)',
    (facts) => (facts.lengthEnforced ? facts.ok.filter((at) => isShortAt(facts, at)).length : null),
  ),
];

export const errorShare: ScalarMetric = {
  kind: 'scalar',
  id: 'error_share',
  title: 'Error share',
  unit: 'share',
  better: 'lower',
  description: 'requests_failed / (requests_ok + requests_failed).',
  formula: 'failed / (ok + failed)',
  source,
  compute: ({ ok, failed }) =>
    ok.length + failed.length === 0 ? null : failed.length / (ok.length + failed.length),
};
