import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogHistogram } from './index.ts';

const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });

describe('log histogram', () => {
  it('is within 1 % of the nearest-rank quantile', () => {
    fc.assert(
      fc.property(
        fc.array(positive, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const histogram = createLogHistogram();
          for (const value of values) histogram.add(value);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(p * values.length)) - 1] as number;
          const shown = histogram.quantile(p) as number;
          expect(Math.abs(shown - exact)).toBeLessThanOrEqual(0.01 * exact);
        },
      ),
    );
  });

  it('merged is the same as added together', () => {
    fc.assert(
      fc.property(fc.array(positive), fc.array(positive), (first, second) => {
        const [a, b, all] = [createLogHistogram(), createLogHistogram(), createLogHistogram()];
        for (const value of first) a.add(value);
        for (const value of second) b.add(value);
        for (const value of [...first, ...second]) all.add(value);
        a.merge(b);
        expect(a.count()).toBe(first.length + second.length);
        for (const p of [0, 0.5, 0.9, 1]) expect(a.quantile(p)).toBe(all.quantile(p));
      }),
    );
  });

  it('holds zero and infinity, counts weights, ignores NaN, is empty at first', () => {
    const histogram = createLogHistogram();
    expect(histogram.quantile(0.5)).toBeUndefined();
    histogram.add(0, 2);
    histogram.add(Number.NaN);
    histogram.add(Infinity);
    expect(histogram.count()).toBe(3);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.quantile(1)).toBe(Infinity);
  });
});
