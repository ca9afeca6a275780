import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeQuickLook } from './quick-look.ts';

describe('sizeQuickLook', () => {
  it('puts equal lengths at 30, 60 and 85 % of capacity', () => {
    const levels = sizeQuickLook({ remainingS: 60, capacityRps: 2, meanServiceS: 1 });
    expect(levels).toEqual([
      { rateRps: 0.6, requests: 11 },
      { rateRps: 1.2, requests: 22 },
      { rateRps: 1.7, requests: 31 },
    ]);
  });

  it('drops the highest levels when the time is short', () => {
    expect(sizeQuickLook({ remainingS: 12, capacityRps: 1, meanServiceS: 1 })).toHaveLength(1);
  });

  it('fits into the time left whenever that can hold a level at all', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 10, max: 300, noNaN: true }),
        fc.double({ min: 0.2, max: 500, noNaN: true }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        (remainingS, capacityRps, meanServiceS) => {
          const levels = sizeQuickLook({ remainingS, capacityRps, meanServiceS });
          if (levels.length === 1) return;
          const total = levels.reduce((sum, l) => sum + l.requests / l.rateRps + meanServiceS, 0);
          // Rates are rounded to three digits.
          expect(total).toBeLessThanOrEqual(remainingS * 1.01);
          expect(levels.every((l) => l.requests >= 3)).toBe(true);
        },
      ),
    );
  });
});
