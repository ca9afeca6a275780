import { describe, expect, it } from 'vitest';
import { mser5 } from './mser.ts';

/** 503 values in (0, 1): Park & Miller's minimal standard generator from seed 1. */
const noise: number[] = [];
for (let i = 0, state = 1; i < 503; i++) {
  state = (state * 16_807) % 2_147_483_647;
  noise.push(state / 2_147_483_647);
}
const shaped = (at: (i: number) => number) => noise.map((value, i) => value + at(i));

describe('mser5', () => {
  // From the definition, each cut by itself: numpy 2.4.6 reshape(k, 5).mean, ((r - r.mean())**2).sum() / len(r)**2.
  it.each([
    ['noise around a constant', noise, 0, 0.000_166_779_029_097_430_42, 100],
    [
      'an exponential start of 30',
      shaped((i) => 20 * Math.exp(-i / 30)),
      215,
      0.000_226_413_552_318_337_4,
      100,
    ],
    [
      'a start of 100 at 50',
      shaped((i) => (i < 100 ? 50 : 0)),
      125,
      0.000_204_283_297_238_195_03,
      100,
    ],
    ['growth without end', shaped((i) => 0.05 * i), 375, 0.130_693_817_744_650_1, 100],
    ['four batches', noise.slice(0, 23), 0, 0.001_183_799_456_140_831_8, 4],
  ])('%s', (_, values, cut, statistic, batches) => {
    const result = mser5(values);
    expect(result).toMatchObject({ cut, batches });
    expect(result.statistic / statistic).toBeCloseTo(1, 9);
  });

  it('cuts nothing off a constant, and does not see values past the last whole batch', () => {
    expect(mser5(new Float64Array(100).fill(0.1))).toEqual({ cut: 0, statistic: 0, batches: 20 });
    expect(mser5([...noise.slice(0, 500), 1e6, 1e6])).toEqual(mser5(noise.slice(0, 500)));
  });

  it('has nothing to say about fewer than five values', () => {
    expect(mser5([1, 2, 3])).toEqual({ cut: 0, statistic: Number.NaN, batches: 0 });
  });
});
