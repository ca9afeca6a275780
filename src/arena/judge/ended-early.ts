import type { TrialCheck } from '../../model/index.ts';
import { describeCheck, type OpenedCheck } from './decide-check.ts';
import type { Ended } from './ended.ts';
import type { JudgeOrder } from './order.ts';

/** The checks of a judging that ended before all were decided: the others did not run. */
export function checksOfEnded(
  order: JudgeOrder,
  opened: readonly OpenedCheck[],
  decided: readonly TrialCheck[],
  { kind, message }: Ended,
): TrialCheck[] {
  const size = order.stored.scenario.classes[order.class];
  const checks = [...decided];
  if (kind === 'server_fail') {
    const at = checks.findIndex(({ id }) => id === 'readiness');
    const failed: TrialCheck = {
      ...{ id: 'readiness', kind: 'readiness', required: true, verdict: 'fail' },
      evidence: message,
    };
    if (at === -1) checks.unshift(failed);
    else checks[at] = failed;
  }
  for (const { check } of opened) {
    if (checks.some(({ id }) => id === check.id)) continue;
    const why = { verdict: 'not_run', evidence: `ended before: ${message}` } as const;
    checks.push({ ...describeCheck(check, size), ...why });
  }
  return checks;
}
