import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ask, Traffic } from '../../../arena/index.ts';
import { arrivalTimes } from './arrival-times.ts';

const traffic = (change: Partial<Traffic>): Traffic => ({
  ...{ id: 't', asks: Array<Ask>(16).fill({} as Ask), arrival: 'poisson', maxInFlight: 4 },
  ...{ rateRps: 2, timed: true, seed: 1 },
  ...change,
});

describe('arrivals', () => {
  it('offer the rate that was asked for, whatever was drawn', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('poisson' as const, 'constant' as const),
        fc.integer({ min: 2, max: 64 }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.nat(1000),
        (arrival, requests, rateRps, seed) => {
          const asks = Array<Ask>(requests).fill({} as Ask);
          const times = arrivalTimes(traffic({ arrival, asks, rateRps, seed })) ?? [];
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          const spanS = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1e6;
          expect((requests - 1) / spanS / rateRps).toBeCloseTo(1, 3);
        },
      ),
    );
  });

  it('of one kind are even, of the other by chance', () => {
    const gaps = (change: Partial<Traffic>) => {
      const times = arrivalTimes(traffic(change)) ?? [];
      return new Set(times.slice(1).map((one, at) => Math.round((one - (times[at] ?? 0)) / 1e4)));
    };
    expect(gaps({ arrival: 'constant' }).size).toBe(1);
    expect(gaps({}).size).toBeGreaterThan(8);
    expect(arrivalTimes(traffic({ seed: 2 }))).not.toEqual(arrivalTimes(traffic({})));
  });

  it('of a burst have no times', () => {
    expect(arrivalTimes(traffic({ arrival: 'burst', rateRps: null }))).toBeNull();
  });
});
