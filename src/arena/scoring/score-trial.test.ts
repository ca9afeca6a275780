import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  MeasuredLaunch,
  ProfileFigures,
  TrialGround,
  TrialResult,
  TrialScore,
} from '../../model/index.ts';
import {
  makeFailed,
  makeLaunch,
  makeProfile,
  makeState,
  makeTrial,
  rulesFixture,
} from '../trial.fixture.ts';
import { scoreTrial } from './score-trial.ts';

const speedup = rulesFixture('speedup.v1');
const sglang = rulesFixture('sglang.v1');
const score = (trial: TrialResult): TrialScore =>
  scoreTrial(trial, trial.scenario.scoring === 'sglang.v1' ? sglang : speedup, 'somewhere');

const launch = (...profiles: Partial<ProfileFigures>[]): MeasuredLaunch => ({
  profiles: profiles.map((one) => ({ ...makeProfile(one.profile ?? 'burst'), ...one })),
});
const measured = (
  scenario: string,
  reference: MeasuredLaunch[],
  candidate: MeasuredLaunch[],
): TrialResult => {
  const trial = makeTrial(scenario, 1);
  const final = { ...makeState(scenario, 1), launches: candidate };
  return { ...trial, final, reference: { ...trial.reference, launches: reference } };
};

describe('speed-ups, by hand', () => {
  it('A is TTFT p50 of the reference over that of the candidate', () => {
    const trial = measured('prefill', [launch({ ttftP50Ms: 840 })], [launch({ ttftP50Ms: 240 })]);
    expect(score(trial)).toMatchObject({ outcome: 'scored', score: expect.closeTo(3.5, 12) });
  });

  it('B is TPOT p50, whatever TTFT does', () => {
    const candidate = [launch({ tpotP50Ms: 10.25, ttftP50Ms: 9999 })];
    const trial = measured('decode', [launch({ tpotP50Ms: 41 })], candidate);
    expect(score(trial).score).toBeCloseTo(4, 12);
  });

  it('C is the geometric mean of valid completed requests over the profiles', () => {
    const rates = (burst: number, poisson: number, constant: number) =>
      launch(
        { profile: 'burst', validCompletedRps: burst },
        { profile: 'poisson', validCompletedRps: poisson },
        { profile: 'constant', validCompletedRps: constant },
      );
    // 8, 64 and 27 times: the cube root of 8 x 64 x 27 is 2 x 4 x 3.
    const trial = measured('throughput', [rates(0.125, 0.25, 1)], [rates(1, 16, 27)]);
    expect(score(trial).score).toBeCloseTo(24, 10);
    expect(score(trial).parts.map(({ ratio }) => ratio)).toEqual([
      expect.closeTo(8, 10),
      expect.closeTo(64, 10),
      expect.closeTo(27, 10),
    ]);
  });

  it('D is the geometric mean of the three', () => {
    const reference = launch({ ttftP50Ms: 800, tpotP50Ms: 40, validCompletedRps: 0.25 });
    const candidate = launch({ ttftP50Ms: 100, tpotP50Ms: 40, validCompletedRps: 2 });
    // 8, 1 and 8 times: the cube root of 64.
    expect(score(measured('all-in-one', [reference], [candidate])).score).toBeCloseTo(4, 12);
  });

  it('several launches count as their geometric mean, the reference measured twice likewise', () => {
    const reference = [launch({ ttftP50Ms: 400 }), launch({ ttftP50Ms: 1600 })];
    const candidate = [launch({ ttftP50Ms: 400 }), launch({ ttftP50Ms: 100 })];
    // The reference is 800: 2 and 8 times, so 4.
    const { score: mean, launchScores } = score(measured('prefill', reference, candidate));
    expect(mean).toBeCloseTo(4, 12);
    expect(launchScores).toEqual([expect.closeTo(2, 12), expect.closeTo(8, 12)]);
  });
});

describe('fallback', () => {
  it.each(['quality_fail', 'integrity_fail', 'wrong_engine', 'server_fail'] as const)(
    '%s scores the reference, however fast',
    (kind) => {
      const result = score(makeFailed('decode', kind, 12));
      expect(result).toMatchObject({ outcome: kind, score: 1, launchScores: [1] });
      expect(result.speedup).toBeCloseTo(12, 10);
    },
  );

  it('slower than the reference is the reference, and says regressed', () => {
    const result = score(makeTrial('decode', 0.77));
    expect(result).toMatchObject({ outcome: 'regressed', score: 1 });
    expect(result.speedup).toBeCloseTo(0.77, 10);
    expect(score(makeTrial('decode', 1)).score).toBeCloseTo(1, 12);
  });

  it('what the judge called regressed is told again from the figures', () => {
    const trial = makeFailed('decode', 'regressed', 2);
    expect(score(trial)).toMatchObject({ outcome: 'scored', score: expect.closeTo(2, 10) });
    expect(score(trial).doubts.map(({ id }) => id)).toContain('outcome-changed');
  });

  it('a candidate without a launch failed, and that is said', () => {
    const { outcome, reason } = score(measured('prefill', [launch({ ttftP50Ms: 840 })], []));
    const why = 'the candidate has no server launch';
    expect({ outcome, reason }).toEqual({ outcome: 'server_fail', reason: why });
  });

  it('a candidate without a figure failed; one that completes nothing regressed', () => {
    const dead = measured('decode', [launch({})], [launch({ tpotP50Ms: null })]);
    expect(score(dead)).toMatchObject({ outcome: 'server_fail', score: 1 });
    const instant = measured('decode', [launch({})], [launch({ tpotP50Ms: 0 })]);
    expect(score(instant)).toMatchObject({ outcome: 'server_fail', score: 1 });
    const idle = measured('all-in-one', [launch({})], [launch({ validCompletedRps: 0 })]);
    expect(score(idle)).toMatchObject({ outcome: 'regressed', score: 1 });
    const short = measured('throughput', [makeLaunch('throughput')], [launch({})]);
    expect(score(short)).toMatchObject({
      outcome: 'server_fail',
      reason: expect.stringContaining('poisson'),
    });
  });
});

describe('infra errors', () => {
  const open = { id: 'trace', kind: 'integrity', required: true, evidence: 'no strace' } as const;
  it.each([
    ['as judged', makeFailed('decode', 'infra_error')],
    [
      'a reference without a figure',
      measured('decode', [launch({ tpotP50Ms: null })], [launch({})]),
    ],
    [
      'no state',
      makeTrial('decode', 3, {
        final: null,
        submission: null,
        seeds: { ...makeTrial('decode', 1).seeds, secret: null },
      }),
    ],
    [
      'a required check that did not run',
      makeTrial('decode', 3, {
        final: makeState('decode', 3, { checks: [{ ...open, verdict: 'not_run' }] }),
      }),
    ],
    [
      'a secret that does not fit',
      makeTrial('decode', 3, { seeds: { ...makeTrial('decode', 1).seeds, secret: '00' } }),
    ],
  ])('%s: not scored', (_, trial) => {
    expect(score(trial)).toMatchObject({ outcome: 'infra_error', score: null, launchScores: [] });
  });

  it('a check that is not required may stay out', () => {
    const checks = [{ ...open, required: false, verdict: 'not_run' as const }];
    const trial = makeTrial('decode', 3, { final: makeState('decode', 3, { checks }) });
    expect(score(trial)).toMatchObject({ outcome: 'scored', checks: { notRun: ['trace'] } });
  });
});

describe('evidence over headline', () => {
  const failing = (kind: 'integrity' | 'quality' | 'readiness', verdict: 'fail' | 'flag') =>
    makeTrial('decode', 9, {
      final: makeState('decode', 9, {
        checks: [{ id: 'seen', kind, required: true, verdict, evidence: 'x' }],
      }),
    });

  it.each([
    ['integrity', 'integrity_fail'],
    ['quality', 'quality_fail'],
    ['readiness', 'server_fail'],
  ] as const)('a failed check of %s is %s, although judged scored', (kind, outcome) => {
    const result = score(failing(kind, 'fail'));
    expect(result).toMatchObject({ outcome, score: 1, checks: { failed: ['seen'] } });
    expect(result.doubts.map(({ id }) => id)).toContain('outcome-changed');
  });

  it('a flag voids nothing, and is told', () => {
    const result = score(failing('integrity', 'flag'));
    expect(result).toMatchObject({ outcome: 'scored', score: expect.closeTo(9, 9) });
    expect(result.doubts.map(({ id }) => id)).toEqual(['flagged']);
  });

  it('an engine other than the forced one is the wrong engine', () => {
    const entry = { ...makeTrial('decode', 1).entry, forcedEngine: 'sglang' };
    const wrong = makeTrial('decode', 9, { entry });
    expect(score(wrong)).toMatchObject({ outcome: 'wrong_engine', score: 1 });
    const right = { ...wrong, engine: { id: 'sglang', version: null } };
    expect(score(right).outcome).toBe('scored');
  });
});

describe('SGLang form', () => {
  const gated = (tokenMatchShare: number, faster: number, more: Partial<TrialResult> = {}) =>
    makeTrial('sglang-system', faster, {
      final: makeState('sglang-system', faster, {
        correctness: { tokenMatchShare, prompts: 100 },
      }),
      ...more,
    });

  it.each([
    ['parity is exactly 1', 1, 1, 1, true],
    ['twice as fast', 1, 2, 1.5, true],
    ['at the limit', 0.95, 3, 2, true],
    ['slower', 1, 0.5, 0.75, true],
    ['just below the limit, however fast', 0.9499, 100, 0.47495, false],
    ['half right', 0.5, 2, 0.25, false],
    ['all wrong', 0, 2, 0, false],
  ])('%s', (_, match, faster, wanted, correct) => {
    expect(score(gated(match, faster))).toMatchObject({
      score: expect.closeTo(wanted, 12),
      correct,
    });
  });

  it('parity is 1 to the last bit', () => {
    expect(score(gated(1, 1)).score).toBe(1);
  });

  it('g is the geometric mean over the sequential and the concurrent workload', () => {
    const candidate = launch(
      { profile: 'sequential', latencyP50Ms: 1000 },
      { profile: 'concurrent', latencyP50Ms: 250 },
    );
    const trial = gated(1, 1);
    const final = { ...(trial.final as NonNullable<typeof trial.final>), launches: [candidate] };
    // 2 and 8 times: 4, so 0.5 + 2.
    expect(score({ ...trial, final }).score).toBeCloseTo(2.5, 12);
  });

  it('a cheat, another engine and a dead server are 0', () => {
    for (const kind of ['integrity_fail', 'wrong_engine', 'server_fail'] as const) {
      const trial = gated(1, 9, { outcome: { kind, reason: null } });
      expect(score(trial)).toMatchObject({ score: 0, correct: false });
    }
  });

  it('a failed quality gate earns nothing by speed', () => {
    const trial = gated(0.98, 9, { outcome: { kind: 'quality_fail', reason: null } });
    expect(score(trial)).toMatchObject({ score: expect.closeTo(0.49, 12), correct: false });
  });

  it('speed is not needed below the limit, and needed above it', () => {
    const without = (tokenMatchShare: number) => {
      const trial = gated(tokenMatchShare, 1);
      const final = { ...(trial.final as NonNullable<typeof trial.final>), launches: [] };
      return score({ ...trial, final });
    };
    expect(without(0.4)).toMatchObject({ outcome: 'quality_fail', score: 0.2 });
    expect(without(1)).toMatchObject({ outcome: 'server_fail', score: 0 });
  });
});

describe('found and submitted', () => {
  const best = (faster: number, more = {}) =>
    makeState('decode', faster, { atS: 300, measuredBy: 'preview', ...more });

  it('found is the better of the two states, submitted what the policy scores', () => {
    const trial = makeTrial('decode', 2, { bestVerified: best(6) });
    expect(score(trial)).toMatchObject({
      score: expect.closeTo(2, 10),
      found: expect.closeTo(6, 10),
      activity: { timeToBestS: 300, configurations: 1, restarts: 1 },
    });
    const kept = makeTrial('decode', 8, { bestVerified: best(6) });
    expect(score(kept)).toMatchObject({
      found: expect.closeTo(8, 10),
      activity: { timeToBestS: 600 },
    });
  });

  it('a state that failed a gate was not found', () => {
    const trial = makeTrial('decode', 2, { bestVerified: best(50, { outcome: 'quality_fail' }) });
    expect(score(trial).found).toBeCloseTo(2, 10);
  });

  it('under the policy best_verified the kept state is scored', () => {
    const trial = makeTrial('decode', 2, { bestVerified: best(6) });
    const result = scoreTrial(trial, { ...speedup, policy: 'best_verified' }, '');
    expect(result).toMatchObject({ policy: 'best_verified', score: expect.closeTo(6, 10) });
    expect(result.doubts.map(({ id }) => id)).toContain('preview-figures');
  });

  it('a preview is held against what it was measured with', () => {
    const own = { reference: [launch({ tpotP50Ms: 80 })], launches: [launch({ tpotP50Ms: 10 })] };
    const trial = makeTrial('decode', 2, { bestVerified: best(1, own) });
    expect(score(trial).found).toBeCloseTo(8, 10);
  });
});

it('counts configurations by their set of flags, and says what is not recorded', () => {
  const flags = [[], ['--a', '--b'], ['--b', '--a'], ['--a'], []];
  const phase = makeTrial('decode', 2).agentPhase as NonNullable<TrialResult['agentPhase']>;
  const serverStarts = flags.map((one, atS) => ({ atS, flags: one }));
  const trial = makeTrial('decode', 2, { agentPhase: { ...phase, serverStarts } });
  expect(score(trial).activity).toMatchObject({ configurations: 2, restarts: 4 });
  const silent = makeTrial('decode', 2, { agentPhase: { ...phase, serverStarts: null } });
  expect(score(silent).activity).toMatchObject({ configurations: null, restarts: null });
});

it('tells of rates that the arrivals set, of missing secrets and missing sandboxes', () => {
  const ids = (trial: TrialResult) => score(trial).doubts.map(({ id }) => id);
  expect(ids(makeTrial('throughput', 3))).toEqual([]);
  const limited = launch(
    { profile: 'burst' },
    { profile: 'poisson', offeredRps: 2, validCompletedRps: 1.9 },
    { profile: 'constant' },
  );
  expect(ids(measured('throughput', [makeLaunch('throughput')], [limited]))).toEqual([
    'rate-limited',
  ]);
  const trial = makeTrial('decode', 2);
  const phase = { ...(trial.agentPhase as NonNullable<typeof trial.agentPhase>), sandboxed: false };
  expect(ids({ ...trial, agentPhase: phase, seeds: { ...trial.seeds, secret: null } })).toEqual([
    'seed-not-revealed',
    'unsandboxed',
  ]);
  const ground = {
    ...{ sandbox: 'process', sandboxed: false, clientCpus: null, notes: [] },
    server: [{ limit: 'cpus', asked: 2, by: 'none', reached: null }],
    reference: [{ limit: 'cpus', asked: 2, by: 'cgroup-v1', reached: null }],
  };
  const subsetOf = (halfWidth: number | null) => ({
    ...trial.reference,
    subset: [{ profile: 'burst', requests: 64, of: 64, halfWidth, until: 0.03 }],
  });
  expect(ids({ ...trial, reference: subsetOf(0.03) })).toEqual([]);
  expect(ids({ ...trial, reference: subsetOf(0.031) })).toEqual(['reference-uncertain']);
  expect(ids({ ...trial, reference: subsetOf(null) })).toEqual(['reference-uncertain']);
  expect(ids({ ...trial, ground })).toEqual(['unsandboxed', 'limits-not-held']);
  const on = (accelerator: NonNullable<TrialGround['accelerator']>, sandboxed = true) =>
    ids({
      ...trial,
      ground: { ...ground, sandboxed, server: null, reference: null, accelerator },
    });
  const gpu = { wanted: '1x GPU', present: '/dev/nvidia0', referenceOn: 'NVIDIA' };
  const cpu = { wanted: null, present: null, referenceOn: 'cpu' };
  expect([on(gpu), on(cpu), on({ ...cpu, present: 'nvidia0' })]).toEqual([[], [], []]);
  expect(on({ ...gpu, present: null, referenceOn: 'cpu' })).toEqual(['other-device']);
  expect(on({ ...cpu, present: 'nvidia0' }, false)).toEqual(['unsandboxed', 'other-device']);
});

it('refuses rules that do not know the scenario', () => {
  expect(() => scoreTrial(makeTrial('decode', 2), sglang, 'here')).toThrow(
    expect.objectContaining({ code: 'USAGE_RULES_MISMATCH', exitCode: 2 }),
  );
});

describe('for all trials', () => {
  const scenarios = ['prefill', 'decode', 'throughput', 'all-in-one'];
  const factor = fc.double({ min: 0.01, max: 1000, noNaN: true });

  it('the speed-up is what the figures were made with, on any unit of time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...scenarios), factor, factor, (scenario, faster, base) => {
        const trial = measured(
          scenario,
          [makeLaunch(scenario, base)],
          [makeLaunch(scenario, base * faster)],
        );
        const result = score(trial);
        expect((result.speedup ?? 0) / faster).toBeCloseTo(1, 9);
        expect(result.score).toBeCloseTo(Math.max(1, result.speedup ?? 0), 9);
      }),
    );
  });

  it('a cheat never wins: one failed integrity check and the score is the fallback', () => {
    const kinds = [
      'scored',
      'regressed',
      'quality_fail',
      'wrong_engine',
      'integrity_fail',
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...scenarios, 'sglang-system'),
        factor,
        fc.constantFrom(...kinds),
        fc.array(fc.constantFrom('pass', 'flag', 'not_run'), { maxLength: 4 }),
        (scenario, faster, kind, others) => {
          const checks = [...others, 'fail' as const].map((verdict, i) => ({
            ...{ id: `c${i}`, kind: 'integrity' as const, required: true, verdict },
            evidence: '',
          }));
          const correctness = { tokenMatchShare: 1, prompts: 10 };
          const trial = makeTrial(scenario, faster, {
            outcome: { kind, reason: null },
            final: makeState(scenario, faster, { checks, correctness }),
          });
          expect(score(trial)).toMatchObject({
            outcome: 'integrity_fail',
            score: scenario === 'sglang-system' ? 0 : 1,
          });
        },
      ),
    );
  });

  it('found is never less than what was submitted', () => {
    fc.assert(
      fc.property(factor, factor, fc.boolean(), (last, kept, failed) => {
        const bestVerified = makeState('decode', kept);
        const trial = failed
          ? makeFailed('decode', 'integrity_fail', last)
          : makeTrial('decode', last);
        const result = score({ ...trial, bestVerified });
        expect(result.found).toBeGreaterThanOrEqual(result.score as number);
      }),
    );
  });
});
