import { describe, expect, it } from 'vitest';
import type { LevelSummary, SloOutcome, SloTemplate } from '../model/index.ts';
import { findKnees, levelPasses, mainKnee } from './find-knees.ts';

const slo = (id: string): SloTemplate => ({
  id,
  ttftMs: 100,
  tpotMs: null,
  e2eMs: null,
  quantile: 0.99,
});

type Verdict = SloOutcome['verdict'];

function level(
  index: number,
  rateRps: number,
  verdicts: Record<string, Verdict>,
  over: Partial<LevelSummary> = {},
): LevelSummary {
  const slos = Object.entries(verdicts).flatMap(([id, verdict]) =>
    [id, `${id}:ttft`].map((criterion) => ({
      criterion,
      verdict,
      met: verdict !== 'refuted',
    })),
  );
  return {
    index,
    load: { kind: 'open', rateRps },
    valid: true,
    metrics: { values: { requests_ok: 9, offered_rps: rateRps * 0.98 } },
    findings: [],
    slos,
    keepingUp: { verdict: 'keeps-up' },
    ...over,
  } as unknown as LevelSummary;
}

const behind = { keepingUp: { verdict: 'falls-behind' } } as Partial<LevelSummary>;

describe('findKnees', () => {
  it('is the last level before the first that fails, in order of rate', () => {
    const levels = [
      level(0, 4, { a: 'proven' }),
      level(1, 8, { a: 'refuted' }),
      level(2, 6, { a: 'not-proven' }),
      // Above a failure: does not count, whatever it says.
      level(3, 16, { a: 'proven' }),
    ];
    expect(findKnees(levels, [slo('a')])[0]).toEqual({
      criterion: 'a',
      maxRateRps: 6,
      offeredRps: 5.88,
      failRps: 8,
      failOfferedRps: 7.84,
      level: 2,
      verdict: 'not-proven',
      failedBy: 'slo',
    });
  });

  it('has none where the lowest fails, and an open end where none does', () => {
    const none = findKnees([level(0, 4, { a: 'refuted' })], [slo('a')])[0];
    expect(none).toMatchObject({ maxRateRps: null, failRps: 4, verdict: 'refuted', level: null });
    const open = findKnees([level(0, 4, { a: 'proven' })], [slo('a')])[0];
    expect(open).toMatchObject({ maxRateRps: 4, failRps: null, failedBy: null });
  });

  it('keeps SLOs apart, and has one for all of them', () => {
    const levels = [
      level(0, 2, { a: 'proven', b: 'proven' }),
      level(1, 4, { a: 'proven', b: 'refuted' }),
      level(2, 8, { a: 'refuted', b: 'refuted' }),
    ];
    const slos = [slo('a'), slo('b')];
    const knees = findKnees(levels, slos);
    expect(knees.map(({ criterion, maxRateRps }) => [criterion, maxRateRps])).toEqual([
      ['a', 4],
      ['a:ttft', 4],
      ['b', 2],
      ['b:ttft', 2],
      ['all', 2],
    ]);
    expect(mainKnee(knees, slos)?.criterion).toBe('all');
  });

  it('without an SLO is where the server stops keeping up', () => {
    const levels = [level(0, 2, {}), level(1, 4, {}, behind)];
    const knees = findKnees(levels, []);
    expect(knees).toMatchObject([
      { criterion: 'keeps-up', maxRateRps: 2, failRps: 4, failedBy: 'falls-behind' },
    ]);
    expect(mainKnee(knees, [])).toBe(knees[0]);
  });

  it('takes neither sustained runs, nor repetitions, nor closed loops for the search', () => {
    const levels = [
      level(0, 2, { a: 'proven' }, { role: 'sweep' }),
      level(1, 3, { a: 'refuted' }, { role: 'sustained' }),
      level(2, 1, { a: 'refuted' }, { role: 'lower', launch: 2 }),
      level(3, 1, { a: 'refuted' }, { load: { kind: 'closed' } as LevelSummary['load'] }),
    ];
    expect(findKnees(levels, [slo('a')])[0]).toMatchObject({ maxRateRps: 2, failRps: null });
  });

  it('passes over a level that is not fit to be judged, and is unknown where nothing is', () => {
    const unfit: Partial<LevelSummary> = {
      valid: false,
      findings: [{ code: 'client-bottleneck', severity: 'invalid', message: '' }],
    };
    const a = (index: number, rate: number, over = {}) => level(index, rate, { a: 'proven' }, over);
    const knee = (...levels: LevelSummary[]) => findKnees(levels, [slo('a')])[0];
    expect(knee(a(0, 1, unfit), a(1, 2))).toMatchObject({ maxRateRps: 2, failRps: null });
    expect(knee(a(0, 1), a(1, 2, unfit), a(2, 4))).toMatchObject({ maxRateRps: 4, failRps: null });
    const above = knee(a(0, 1), a(1, 2, unfit));
    expect(above).toMatchObject({ maxRateRps: 1, failRps: 2, failedBy: 'invalid' });
    const unknown = { maxRateRps: null, failRps: 1, failedBy: 'invalid', verdict: 'unknown' };
    expect(knee(a(0, 1, unfit), a(1, 2, unfit))).toMatchObject(unknown);
    expect(knee(a(0, 1, unfit), level(1, 2, { a: 'refuted' }))).toMatchObject(unknown);
  });

  it('says what failed: errors, or a level that is not fit to be judged', () => {
    const invalid = (code: string) => ({
      valid: false,
      findings: [{ code, severity: 'invalid', message: '' }] as LevelSummary['findings'],
    });
    const failedBy = (over: Partial<LevelSummary>) =>
      findKnees([level(0, 2, { a: 'proven' }, over)], [slo('a')])[0]?.failedBy;
    expect(failedBy(invalid('error-share-high'))).toBe('errors');
    expect(failedBy(invalid('client-bottleneck'))).toBe('invalid');
    expect(failedBy({ ...invalid('error-share-high'), ...behind })).toBe('falls-behind');
    expect(levelPasses(level(0, 2, { a: 'proven' }, invalid('x')), [slo('a')])).toBe(false);
  });
});
