import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, quantile, sortedCopy, stdev } from './index.ts';

const values = [3.1, 0.2, 7.7, 5.5, 5.5, 9.9, 1.25, 4.0, 12.5, 6.0];

describe('quantile', () => {
  // numpy 2.4.6: np.quantile(values, p)
  it.each([
    [0, 0.2],
    [0.1, 1.145],
    [0.25, 3.325],
    [0.5, 5.5],
    [0.75, 7.275],
    [0.9, 10.16],
    [0.95, 11.33],
    [0.99, 12.266],
    [0.999, 12.4766],
    [1, 12.5],
  ])('agrees with numpy at p = %d', (p, expected) => {
    expect(quantile(sortedCopy(values), p)).toBeCloseTo(expected, 12);
  });

  it('has no value for no values and the one value for one', () => {
    expect(quantile([], 0.5)).toBeUndefined();
    expect(quantile([4], 0.99)).toBe(4);
  });

  it('is infinite where it touches an infinite value, never NaN', () => {
    const sorted = sortedCopy([Infinity, 1, 2, Infinity]);
    expect(quantile(sorted, 1 / 3)).toBe(2);
    expect(quantile(sorted, 0.5)).toBe(Infinity);
    expect(quantile(sorted, 1)).toBe(Infinity);
  });

  it('grows with p and stays between the ends', () => {
    const series = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });
    const p = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(series, p, p, (list, a, b) => {
        const sorted = sortedCopy(list);
        const low = quantile(sorted, Math.min(a, b)) as number;
        const high = quantile(sorted, Math.max(a, b)) as number;
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(sorted[0] as number);
        expect(high).toBeLessThanOrEqual(sorted.at(-1) as number);
      }),
    );
  });
});

describe('mean and stdev', () => {
  it('agree with numpy', () => {
    // numpy 2.4.6: np.mean(values), np.std(values, ddof=1)
    expect(mean(values)).toBeCloseTo(5.565, 12);
    expect(stdev(values)).toBeCloseTo(3.764900028184311, 12);
  });

  it('are undefined where they have no meaning', () => {
    expect(mean([])).toBeUndefined();
    expect(stdev([1])).toBeUndefined();
  });
});
