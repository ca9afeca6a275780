import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFailed, makeState, makeTrial } from '../trial.fixture.ts';
import { commitTo, deriveFinalSeed, findMismatch, hashSubmission } from './commitment.ts';

const secret = Buffer.from('secret');

describe('commitment and final seed', () => {
  // Expected values: OpenSSL 3.0 and GNU coreutils sha256sum 9.1:
  //   printf secret | sha256sum
  //   printf %s <hash of the submission> | openssl dgst -sha256 -hmac secret
  it('are SHA-256 and HMAC-SHA256', () => {
    expect(commitTo(secret)).toBe(
      '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
    );
    expect(
      deriveFinalSeed(secret, 'cfa1c6b4240a5aca0c8402c4d8fec700ecdf97f97424ea6821ddab78a6fa7180'),
    ).toBe('df5c1d8b5f90c68ec7c6115cf5c9373bde6943543f737739cf65818490d279be');
    // RFC 4231, test case 2.
    expect(deriveFinalSeed(Buffer.from('Jefe'), 'what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('hash a submission as sha256sum prints its files', () => {
    const files = [
      { path: 'b.sh', sha256: '2'.repeat(64) },
      { path: 'a.sh', sha256: '1'.repeat(64) },
    ];
    expect(hashSubmission(files)).toBe(
      'cfa1c6b4240a5aca0c8402c4d8fec700ecdf97f97424ea6821ddab78a6fa7180',
    );
  });

  it('do not depend on the order of the files, and on everything else', () => {
    const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
    const file = fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), sha256: hash });
    fc.assert(
      fc.property(
        fc.uniqueArray(file, { selector: ({ path }) => path, minLength: 1, maxLength: 6 }),
        hash,
        (files, other) => {
          const whole = hashSubmission(files);
          expect(hashSubmission(files.toReversed())).toBe(whole);
          expect(hashSubmission(files.slice(1))).not.toBe(whole);
          fc.pre(files[0]?.sha256 !== other);
          const changed = files.map((one, i) => (i === 0 ? { ...one, sha256: other } : one));
          expect(hashSubmission(changed)).not.toBe(whole);
        },
      ),
    );
  });
});

describe('findMismatch', () => {
  const trial = makeTrial('decode', 2);

  it('finds nothing where all fits, and nothing to check without a secret', () => {
    expect(findMismatch(trial)).toBeNull();
    expect(findMismatch({ ...trial, seeds: { ...trial.seeds, secret: null } })).toBeNull();
    const nothing = makeFailed('decode', 'server_fail');
    const seeds = { ...nothing.seeds, finalSeed: null };
    expect(findMismatch({ ...nothing, submission: null, final: null, seeds })).toBeNull();
  });

  it.each([
    ['another secret', { seeds: { ...trial.seeds, secret: '00' } }, /committed/],
    [
      'another commitment',
      { seeds: { ...trial.seeds, secretSha256: '0'.repeat(64) } },
      /committed/,
    ],
    ['a seed drawn again', { seeds: { ...trial.seeds, finalSeed: '0'.repeat(64) } }, /final seed/],
    ['a seed from nothing', { submission: null, final: null }, /final seed/],
    [
      'another submission than the measured one',
      { final: makeState('decode', 9, { submissionSha256: '1'.repeat(64) }) },
      /measured state/,
    ],
    [
      'a file that was changed',
      { submission: { sha256: trial.submission?.sha256 ?? '', files: [] } },
      /not that of its files/,
    ],
  ])('names %s', (_, change, wanted) => {
    expect(findMismatch({ ...trial, ...change })).toMatch(wanted);
  });
});
