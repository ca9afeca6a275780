import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../core/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { askRounds, judgePairs, mostRounds, type TimingPair } from './timing-pairs.ts';

const words = { honest: 'decoding', other: 'the first token', larger: 'a long answer' };

/** A pair whose larger request took 100 ms longer, this share of it in the wrong place. */
const pair = (share: number): TimingPair => ({
  honest: [10, 10 + 100 * (1 - share)],
  other: [100, 100 + 100 * share],
  extraTokens: 50,
});
const shares = (bad: number, all: number) =>
  Array.from({ length: all }, (_, at) => {
    const { honest, other, extraTokens } = pair(at < bad ? 0.9 : -0.6);
    // No two alike.
    return { honest, other: [other[0] + 1e-3 * at, other[1] + 1e-3 * at] as const, extraTokens };
  });

describe('pairs of requests', () => {
  // One-sided p of so many large and so many small ones (SciPy 1.17.1, mannwhitneyu, exact): 7 of 8
  // 0.0052, 6 of 8 0.052; 12 of 16 0.0076, 13 of 16 0.00097, 11 of 16 0.037, 10 of 16 0.12; 23 of 32
  // 0.0012, 22 of 32 0.0047, the other way 9 of 32 0.0012, 10 of 32 0.0047.
  it.each([
    [8, 8, 'fail', true],
    [7, 8, 'flag', false],
    [6, 8, 'pass', false],
    [2, 8, 'pass', false],
    [1, 8, 'pass', false],
    [0, 8, 'pass', true],
    [13, 16, 'fail', true],
    [12, 16, 'flag', false],
    [11, 16, 'flag', false],
    [10, 16, 'pass', false],
    [23, 32, 'fail', true],
    [22, 32, 'flag', false],
    [10, 32, 'pass', false],
    [9, 32, 'pass', true],
  ])('%i of %i with most of it in the wrong place: %s, clear: %s', (bad, all, verdict, clear) => {
    expect(judgePairs(shares(bad, all), words)).toMatchObject({ verdict, clear });
  });

  it('fail for 30 % of it, not for the 20 % that large chunks put there', () => {
    expect(judgePairs(Array(8).fill(pair(0.3)), words).verdict).toBe('fail');
    expect(judgePairs(Array(8).fill(pair(0.2)), words).verdict).toBe('pass');
  });

  // Sign test (Python 3.11, sums of math.comb): 10 of 10 0.098 %, 9 of 9 0.20 %, 5 of 5 3.1 %, 4 of 4 6.3 %.
  it.each([
    [19, 32, 'fail'],
    [10, 32, 'fail'],
    [9, 32, 'flag'],
    [5, 32, 'flag'],
    [4, 32, 'pass'],
  ])('that are far apart in %i of %i, and never the other way: %s', (bad, all, verdict) => {
    const some = Array.from({ length: all }, (_, at) => pair(at < bad ? 0.9 : 0.01 * (at % 7)));
    expect(judgePairs(some, words).verdict).toBe(verdict);
  });

  it('know what a token costs: pairs may be of any lengths', () => {
    const long = { ...pair(0.4), extraTokens: 25 };
    // Twice as dear a token as elsewhere, as where the machine was busy: 40 ms are not much of 200.
    expect(judgePairs([...Array(7).fill(pair(0.1)), long], words).verdict).toBe('pass');
    const short: TimingPair = { honest: [10, 22], other: [100, 108], extraTokens: 10 };
    expect(judgePairs([...Array(4).fill(pair(0.4)), ...Array(4).fill(short)], words).verdict).toBe(
      'fail',
    );
  });

  it('say nothing where the larger request took hardly longer, or none was answered', () => {
    const same: TimingPair = { honest: [100, 101], other: [100, 120], extraTokens: 50 };
    expect(judgePairs([same, same, same, pair(0.9)], words)).toMatchObject({
      verdict: 'pass',
      clear: false,
      evidence: expect.stringContaining('hardly longer'),
    });
    expect(judgePairs([], words)).toMatchObject({ verdict: 'not_run', clear: false });
  });

  it('never fail where the time lies in its place, however much each pair was slowed', () => {
    const honest = fc
      .record({
        base: fc.double({ min: 1, max: 500, noNaN: true }),
        more: fc.double({ min: 100, max: 5000, noNaN: true }),
        other: fc.double({ min: 0, max: 100, noNaN: true }),
        unrest: fc.double({ min: 1, max: 1.2, noNaN: true }),
        extraTokens: fc.constant(50),
      })
      .map(({ base, more, other, unrest, extraTokens }) => ({
        honest: [base, base + more] as const,
        other: [other, other * unrest] as const,
        extraTokens,
      }));
    fc.assert(
      fc.property(fc.array(honest, { minLength: 8, maxLength: 32 }), (pairs) => {
        expect(judgePairs(pairs, words).verdict).not.toBe('fail');
      }),
    );
  });
});

describe('rounds of pairs', () => {
  const asks = Array.from({ length: 64 }, (_, at) => ({ outputTokens: at }) as Ask);
  const answer = (ask: Ask) => ({ ask }) as Answer;

  it('end with the first clear verdict, and after four', async () => {
    for (const clearAt of [1, 2, 4, 9]) {
      const sizes: number[] = [];
      const answers = await askRounds(
        async (_, some) => {
          sizes.push(some.length);
          return some.map(answer);
        },
        'held-back',
        asks,
        (all) => ({ verdict: 'pass', evidence: '', clear: all.length >= 16 * clearAt }),
      );
      expect(sizes).toEqual(Array(Math.min(clearAt, mostRounds)).fill(16));
      expect(answers.map((one) => one.ask)).toEqual(asks.slice(0, answers.length));
    }
  });

  /** Each time is slowed by up to as much as the whole difference, one in three by thrice that. */
  const judged = (share: number, seed: number) => {
    const rng = createRng(seed, 'unrest');
    const unrest = () => 100 * rng.next() * (rng.next() < 1 / 3 ? 3 : 1);
    const all: TimingPair[] = [];
    for (let round = 0; round < mostRounds; round++) {
      for (let at = 0; at < 8; at++) {
        const { honest, other, extraTokens } = pair(share);
        all.push({
          honest: [honest[0] + unrest(), honest[1] + unrest()],
          other: [other[0] + unrest(), other[1] + unrest()],
          extraTokens,
        });
      }
      const found = judgePairs(all, words);
      if (found.clear) return found.verdict;
    }
    return judgePairs(all, words).verdict;
  };
  const failed = (share: number) =>
    Array.from({ length: 50 }, (_, seed) => judged(share, seed)).filter((one) => one === 'fail')
      .length / 50;

  it('fail an honest server on a machine full of unrest in at most 2 of 100, and most cheats there', () => {
    expect(failed(0)).toBeLessThanOrEqual(0.02);
    expect(failed(1)).toBeGreaterThan(0.5);
  });
});
