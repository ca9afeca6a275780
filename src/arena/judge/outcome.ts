import type { TrialCheck, TrialOutcome } from '../../model/index.ts';

/** The gravest kind first, as scoring reads it. */
const failKinds: readonly { kinds: readonly string[]; outcome: TrialOutcome }[] = [
  { kinds: ['integrity'], outcome: 'integrity_fail' },
  { kinds: ['readiness'], outcome: 'server_fail' },
  { kinds: ['quality', 'correctness'], outcome: 'quality_fail' },
];

/** What the checks come to: a fail voids, a required one that did not run is an infra error. */
export function outcomeOf(checks: readonly TrialCheck[]): {
  kind: TrialOutcome;
  reason: string | null;
} {
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  const found = failKinds.find(({ kinds }) => failed.some(({ kind }) => kinds.includes(kind)));
  if (found !== undefined) {
    const ids = failed.filter(({ kind }) => found.kinds.includes(kind)).map(({ id }) => id);
    return { kind: found.outcome, reason: `failed: ${ids.join(', ')}` };
  }
  const open = checks.filter(({ required, verdict }) => required && verdict === 'not_run');
  if (open.length === 0) return { kind: 'scored', reason: null };
  return {
    kind: 'infra_error',
    reason: `required but not run: ${open.map(({ id, evidence }) => `${id} (${evidence})`).join(', ')}`,
  };
}
