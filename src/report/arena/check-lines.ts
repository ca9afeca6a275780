import type { TrialCheck } from '../../model/index.ts';

/** Checks that are told in one line: one, or all that did not run for the same reason. */
export interface CheckLine {
  ids: string[];
  check: TrialCheck;
}

/** In order; where judging ends early, the reason is the same for nearly all of them. */
export function checkLines(checks: readonly TrialCheck[]): CheckLine[] {
  const lines: CheckLine[] = [];
  for (const check of checks) {
    const same =
      check.verdict === 'not_run' ? lines.find((one) => isSaid(one.check, check)) : undefined;
    if (same === undefined) lines.push({ ids: [check.id], check });
    else same.ids.push(check.id);
  }
  return lines;
}

const isSaid = (a: TrialCheck, b: TrialCheck) =>
  a.verdict === b.verdict && a.evidence === b.evidence;
