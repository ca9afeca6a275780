import { messageOf } from '../../core/index.ts';
import type { ScenarioSize, TrialCheck } from '../../model/index.ts';
import type { Check, CheckRun, CheckVerdict, Evidence } from '../checks/check.ts';
import { createChecks } from '../checks/registry.ts';
import type { KnownSoFar } from './known-so-far.ts';

/** A check, and what it gathered in this trial. */
export interface OpenedCheck {
  check: Check;
  run: CheckRun;
}

/** Those that a class has, opened for one trial. */
export function openChecks(size: ScenarioSize, trial: KnownSoFar): OpenedCheck[] {
  return createChecks({
    match(found) {
      trial.match = found;
    },
    questions(asked) {
      trial.questions = asked;
    },
  })
    .filter((check) => check.id !== 'quality' || size.quality !== null)
    .map((check) => ({ check, run: check.open() }));
}

/** A check that fails itself did not run. */
export async function decideCheck(
  { check, run }: OpenedCheck,
  evidence: Evidence,
): Promise<TrialCheck> {
  let verdict: CheckVerdict;
  try {
    verdict = await run.verdict(evidence);
  } catch (error) {
    verdict = { verdict: 'not_run', evidence: `it failed: ${messageOf(error)}` };
  }
  return { ...describeCheck(check, evidence.size), ...verdict };
}

export const describeCheck = (check: Check, size: ScenarioSize) => ({
  id: check.id,
  kind: check.kind,
  required: check.required(size),
});
