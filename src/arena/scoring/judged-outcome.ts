import type {
  MeasuredState,
  SubmissionPolicy,
  TrialOutcome,
  TrialResult,
} from '../../model/index.ts';
import { findMismatch } from '../trial/commitment.ts';

export interface JudgedOutcome {
  kind: TrialOutcome;
  reason: string | null;
}

/** The state that a policy scores. */
export function submittedState(trial: TrialResult, policy: SubmissionPolicy): MeasuredState | null {
  return policy === 'final' ? trial.final : (trial.bestVerified ?? trial.final);
}

/**
 * The outcome that the trial's own evidence allows: what the judge wrote, made stricter by a failed
 * check, a forced engine that is not there, a required check that did not run, or hashes that do not
 * fit. Never milder, so a trial cannot be talked up by its headline. Infra errors come first:
 * they say nothing about the submission.
 */
export function judgedOutcome(trial: TrialResult, policy: SubmissionPolicy): JudgedOutcome {
  const { outcome, scenario, entry, engine } = trial;
  const state = submittedState(trial, policy);
  const written =
    state !== null && policy !== scenario.policy ? { kind: state.outcome, reason: null } : outcome;
  if (written.kind === 'infra_error') return written;
  const mismatch = findMismatch(trial);
  if (mismatch !== null) return { kind: 'infra_error', reason: mismatch };
  if (written.kind === 'server_fail') return written;
  const forced = entry.forcedEngine;
  if (forced !== null && engine !== null && engine.id !== forced) {
    return { kind: 'wrong_engine', reason: `${engine.id} was started instead of ${forced}` };
  }
  const failed = stateChecks(state, 'fail');
  const found = failKinds.find(({ kinds }) => failed.some(({ kind }) => kinds.includes(kind)));
  if (found !== undefined) {
    const ids = failed.filter(({ kind }) => found.kinds.includes(kind)).map(({ id }) => id);
    return { kind: found.outcome, reason: `failed: ${ids.join(', ')}` };
  }
  if (written.kind !== 'scored' && written.kind !== 'regressed') return written;
  if (state === null) return { kind: 'infra_error', reason: 'no measured state to score' };
  const open = stateChecks(state, 'not_run').filter(({ required }) => required);
  if (open.length > 0) {
    const reason = `required but not run: ${open.map(({ id }) => id).join(', ')}`;
    return { kind: 'infra_error', reason };
  }
  return written;
}

/** Failed checks of a kind mean an outcome, the gravest first. */
const failKinds: { kinds: readonly string[]; outcome: TrialOutcome }[] = [
  { kinds: ['integrity'], outcome: 'integrity_fail' },
  { kinds: ['readiness'], outcome: 'server_fail' },
  { kinds: ['quality', 'correctness'], outcome: 'quality_fail' },
];

function stateChecks(state: MeasuredState | null, verdict: string) {
  return (state?.checks ?? []).filter((check) => check.verdict === verdict);
}
