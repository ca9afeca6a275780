import { describe, expect, it } from 'vitest';
import { judgePairs, type TimingPair } from './timing-pairs.ts';

const words = { honest: 'decoding', other: 'the first token', larger: 'a long answer' };

/** A pair whose larger request took 100 ms longer, this share of it in the wrong place. */
const pair = (share: number): TimingPair => ({
  honest: [10, 10 + 100 * (1 - share)],
  other: [10, 10 + 100 * share],
});
const verdict = (...shares: number[]) => judgePairs(shares.map(pair), words).verdict;

describe('pairs of requests', () => {
  it('fail where most of the time is in the wrong place in three of four', () => {
    expect(verdict(0.9, 0.9, 0.9, 0.1)).toBe('fail');
    expect(verdict(0.9, 0.9, 0.1, 0.1)).toBe('flag');
  });

  // Two-sided unrest: 7 of 8 heads 3.5 %, 6 of 8 14.5 %, 6 of 6 1.6 %, 5 of 6 10.9 % (Python 3.11, sums of math.comb).
  it.each([
    [7, 8, 'fail'],
    [6, 8, 'pass'],
    [6, 6, 'fail'],
    [5, 6, 'pass'],
    [4, 4, 'pass'],
  ])('%i of %i with more than half of it: %s', (half, all, expected) => {
    const shares = Array.from({ length: all }, (_, at) => (at < half ? 0.7 : 0.2));
    expect(verdict(...shares)).toBe(expected);
  });

  it('say nothing where the larger request took hardly longer', () => {
    const same: TimingPair = { honest: [100, 101], other: [100, 120] };
    expect(judgePairs([same, same, same, pair(0.9)], words)).toMatchObject({
      verdict: 'pass',
      evidence: expect.stringContaining('hardly longer'),
    });
  });
});
