import { describe, expect, it } from 'vitest';
import { minimumForQuantile, orderStatisticInterval } from './index.ts';

/** The rank is the value. */
const ranks = (n: number) => Float64Array.from({ length: n }, (_, i) => i + 1);

describe('orderStatisticInterval', () => {
  // Ranks by definition from scipy 1.17.1 binom: max l with cdf(l-1) <= 0.025, min u with sf(u-1) <= 0.025.
  it.each([
    [36, 0.9, 29, 36],
    [100, 0.9, 84, 96],
    [72, 0.95, 64, 72],
    [368, 0.99, 360, 368],
    [1000, 0.99, 983, 997],
    [3688, 0.999, 3680, 3688],
    [5000, 0.95, 4719, 4781],
  ])('n = %d, p = %d: ranks %d to %d', (n, p, low, high) => {
    expect(orderStatisticInterval(ranks(n), p, n)).toEqual({ low, high });
  });

  it.each([
    [36, 0.9],
    [72, 0.95],
    [368, 0.99],
    [3688, 0.999],
  ])('has its first finite bound at n = %d for p = %d', (n, p) => {
    expect(minimumForQuantile(p)).toBe(n);
    expect(orderStatisticInterval(ranks(n), p, n)).not.toBeNull();
    expect(orderStatisticInterval(ranks(n - 1), p, n - 1)).toBeNull();
  });

  it('widens outwards with a smaller effective size, and ends when that is too small', () => {
    const full = orderStatisticInterval(ranks(4000), 0.99, 4000);
    const half = orderStatisticInterval(ranks(4000), 0.99, 2000);
    expect(half?.low).toBeLessThan(full?.low as number);
    expect(half?.high).toBeGreaterThan(full?.high as number);
    expect(orderStatisticInterval(ranks(4000), 0.99, 367)).toBeNull();
  });

  it('has no bound where that would be infinite', () => {
    const sorted = ranks(1000).map((rank) => (rank > 996 ? Infinity : rank));
    expect(orderStatisticInterval(sorted, 0.99, 1000)).toBeNull();
    expect(orderStatisticInterval(sorted, 0.9, 1000)).not.toBeNull();
  });
});
