import type { ScalarMetric } from '../definition.ts';
import type { LevelFacts } from '../level-facts.ts';
import { isShortOutput } from '../slo.ts';

const source = 'InferenceBench.';

function count(
  id: string,
  title: string,
  better: ScalarMetric['better'],
  description: string,
  compute: (facts: LevelFacts) => number | null,
): ScalarMetric {
  return { kind: 'scalar', id, title, unit: 'requests', better, description, source, compute };
}

export const requestCounts: readonly ScalarMetric[] = [
  count(
    'requests_total',
    'Requests',
    null,
    'Counted requests: those intended inside the window.',
    ({ counted }) => counted.length,
  ),
  count(
    'requests_ok',
    'Requests ok',
    null,
    'Counted requests that succeeded.',
    ({ ok }) => ok.length,
  ),
  count(
    'requests_failed',
    'Requests failed',
    'lower',
    'Counted requests that failed, by any outcome but ok and cancelled.',
    ({ failed }) => failed.length,
  ),
  count(
    'requests_cancelled',
    'Requests cancelled',
    null,
    'Counted requests that this side ended early (interrupt, stopped level).',
    ({ counted, ok, failed }) => counted.length - ok.length - failed.length,
  ),
  count(
    'requests_short',
    'Short outputs',
    'lower',
    'Requests that ended ok with fewer output tokens than enforced; null where the length was not enforced.',
    ({ ok, lengthEnforced }) => (lengthEnforced ? ok.filter(isShortOutput).length : null),
  ),
];

export const errorShare: ScalarMetric = {
  kind: 'scalar',
  id: 'error_share',
  title: 'Error share',
  unit: 'share',
  better: 'lower',
  description: 'requests_failed / (requests_ok + requests_failed).',
  source,
  compute: ({ ok, failed }) =>
    ok.length + failed.length === 0 ? null : failed.length / (ok.length + failed.length),
};
