import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgePaired } from './quality.ts';
import { makeQuestions, parseAnswer } from './questions.ts';
import { judgePairs } from './timing-pairs.ts';

const words = { honest: 'a', other: 'b', larger: 'c' };
/** An honest pair: the larger request takes longer where it should; everything may be slowed down. */
const honestPair = fc
  .record({
    base: fc.double({ min: 1, max: 500, noNaN: true }),
    more: fc.double({ min: 0, max: 5000, noNaN: true }),
    other: fc.double({ min: 0, max: 200, noNaN: true }),
    unrest: fc.double({ min: 1, max: 1.2, noNaN: true }),
  })
  .map(({ base, more, other, unrest }) => ({
    honest: [base, base + more] as const,
    other: [other, other * unrest] as const,
  }));

describe('pairs of times', () => {
  it('never fail where the time lies in its place, however much each pair was slowed', () => {
    fc.assert(
      fc.property(fc.array(honestPair, { minLength: 4, maxLength: 8 }), (pairs) => {
        expect(judgePairs(pairs, words).verdict).not.toBe('fail');
      }),
    );
  });

  it('fail where it lies in the other, and still do with one odd pair of four', () => {
    const cheat = { honest: [5, 5], other: [10, 200] } as const;
    expect(judgePairs([cheat, cheat, cheat, cheat], words).verdict).toBe('fail');
    const odd = { honest: [5, 205], other: [10, 10] } as const;
    expect(judgePairs([cheat, cheat, cheat, odd], words).verdict).toBe('fail');
    expect(judgePairs([cheat, odd, odd, odd], words).verdict).toBe('flag');
  });

  it('say nothing where nothing grew', () => {
    const same = { honest: [50, 51], other: [10, 12] } as const;
    expect(judgePairs([same, same, same, same], words).verdict).toBe('pass');
    expect(judgePairs([], words).verdict).toBe('not_run');
  });
});

describe('paired answers', () => {
  const answers = (right: number, n = 62) => Array.from({ length: n }, (_, at) => at < right);

  it('pass as good ones, fail collapses, flag what is between', () => {
    expect(judgePaired(answers(50), answers(50), 0.1).verdict).toBe('pass');
    expect(judgePaired(answers(50), answers(49), 0.1).verdict).toBe('pass');
    expect(judgePaired(answers(50), answers(45), 0.1).verdict).toBe('flag');
    expect(judgePaired(answers(50), answers(30), 0.1).verdict).toBe('fail');
  });

  it('are not judged by a reference that guesses', () => {
    expect(judgePaired(answers(10), answers(0), 0.1).verdict).toBe('not_run');
  });

  it('fail an equal server in at most 1 of 100', () => {
    // Both right by chance, 8 of 10: what two samples at a temperature differ by.
    let failed = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1 }), fc.double({ min: 0, max: 1 })), {
          minLength: 62,
          maxLength: 62,
        }),
        (pairs) => {
          const [a, b] = [pairs.map(([x]) => x < 0.8), pairs.map(([, y]) => y < 0.8)];
          failed += judgePaired(a, b, 0.1).verdict === 'fail' ? 1 : 0;
        },
      ),
      { numRuns: 500, seed: 1 },
    );
    expect(failed).toBeLessThanOrEqual(10);
  });
});

describe('questions', () => {
  it('are the same for the same seed, have one right answer, and other seeds have others', () => {
    const some = makeQuestions(7, 30);
    expect(makeQuestions(7, 30)).toEqual(some);
    expect(makeQuestions(8, 30)).not.toEqual(some);
    for (const one of some) {
      expect(one.options).toContain(one.answer);
      expect(parseAnswer(` The answer: "${one.answer.toUpperCase()}".`, one)).toBe(one.answer);
    }
  });

  it('are answered by whole words only', () => {
    const question = { text: '', options: ['apple', 'river', 'bread'], answer: 'river' };
    expect(parseAnswer('pineapple rivers', question)).toBeNull();
    expect(parseAnswer('rivers, bread', question)).toBe('bread');
    expect(parseAnswer('', question)).toBeNull();
  });
});
