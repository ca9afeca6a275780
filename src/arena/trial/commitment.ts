import { createHash, createHmac } from 'node:crypto';
import type { TrialResult } from '../../model/index.ts';

/** What is published before the trial: SHA-256 of the secret, hex. */
export function commitTo(secret: Uint8Array): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What people are told before anything of a submission is read. */
export const commitmentLine = (secret: Uint8Array) =>
  `Committed to the secret of the final requests: SHA-256 ${commitTo(secret)}`;

/**
 * The hash of a submission: SHA-256 over a line `<sha256 of content>  <path>\n` a file, by path in
 * code units, as `sha256sum` would print them.
 */
export function hashSubmission(files: readonly { path: string; sha256: string }[]): string {
  const lines = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/**
 * The seed of the final requests: HMAC-SHA256 of the submission's hash under the secret, hex. Nobody
 * knows it before the submission is collected, and nobody can draw it again.
 */
export function deriveFinalSeed(secret: Uint8Array, submissionSha256: string): string {
  return createHmac('sha256', secret).update(submissionSha256, 'utf8').digest('hex');
}

/**
 * Whether hashes and seeds of a trial fit together: the files and the submission's hash, the
 * submission and the state that was scored, the revealed secret, the commitment and the final seed.
 * @returns null where all of it fits, else what does not
 */
export function findMismatch({
  seeds,
  submission,
  scenario,
  ...trial
}: TrialResult): string | null {
  if (submission !== null && hashSubmission(submission.files) !== submission.sha256) {
    return 'the hash of the submission is not that of its files';
  }
  const state = scenario.policy === 'final' ? trial.final : (trial.bestVerified ?? trial.final);
  if (state !== null && state.submissionSha256 !== submission?.sha256) {
    return 'the measured state is not the submission that was collected';
  }
  if (seeds.secret === null) return null;
  const secret = Buffer.from(seeds.secret, 'hex');
  if (commitTo(secret) !== seeds.secretSha256) {
    return 'the revealed secret is not the one that was committed to';
  }
  // Without a submission there was nothing to draw for.
  const wanted = submission === null ? null : deriveFinalSeed(secret, submission.sha256);
  return seeds.finalSeed === wanted ? null : 'the final seed is not that of secret and submission';
}
