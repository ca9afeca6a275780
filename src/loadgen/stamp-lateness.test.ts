import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStampLateness, latenessOf } from './stamp-lateness.ts';

describe('createStampLateness', () => {
  it('knows a loop that is away 10 ms of every 100', () => {
    const late = createStampLateness();
    for (let i = 0; i < 10; i++) late.add(10_000);
    // P(late > x) = (10 - x) / 100 for a uniform arrival: 1 % at 9 ms, 5 % at 5 ms, 0 beyond 10 %.
    expect(late.quantileMs(0.99, 1000)).toBeCloseTo(9, 6);
    expect(late.quantileMs(0.95, 1000)).toBeCloseTo(5, 6);
    expect(late.quantileMs(0.9, 1000)).toBeCloseTo(0, 6);
  });

  it('takes absences that were seen from outside', () => {
    expect(latenessOf([{ ms: 10, times: 10 }]).quantileMs(0.99, 1000)).toBeCloseTo(9, 6);
    expect(latenessOf([]).quantileMs(0.99, 1000)).toBe(0);
  });

  it('is within a bin of the value that all absences, one by one, would give', () => {
    const wallMs = 10_000;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 }), (absences) => {
        const late = createStampLateness();
        for (const us of absences) late.add(us);
        const exceeding = (x: number) =>
          absences.reduce((total, us) => total + Math.max(0, us - x), 0);
        const got = late.quantileMs(0.99, wallMs) * 1000;
        const allowed = 0.01 * wallMs * 1000;
        if (exceeding(0) > allowed * 1.001) {
          expect(exceeding(got * 0.9)).toBeGreaterThanOrEqual(allowed * 0.999);
          expect(exceeding(got * 1.1)).toBeLessThanOrEqual(allowed * 1.001);
        } else expect(got).toBeLessThanOrEqual(1e-3 * Math.max(...absences));
      }),
    );
  });
});
