import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeasuredLaunch } from '../../model/index.ts';
import { makeProfile } from '../trial.fixture.ts';
import { ratioInterval } from './ratio-interval.ts';

const side = (tpotMs: number[], profile = 'burst'): MeasuredLaunch => ({
  profiles: [{ ...makeProfile(profile), perRequest: { ttftMs: [], tpotMs, latencyMs: [] } }],
});
const interval = (own: number[], base: number[]) =>
  ratioInterval([side(own)], [side(base)], 'burst', 'tpotMs');

describe('the interval of a speed-up', () => {
  // scipy 1.17.1, stats.bootstrap(percentile, 200 000 resamples): 4.560 to 4.897.
  it('is that of an independent implementation', () => {
    const own = [14.2, 14.9, 15.3, 14.4, 13.9, 14.7, 16.1, 14.6, 14.8, 15.0, 14.1, 17.2];
    const base = [68.1, 70.4, 66.9, 71.2, 69.3, 68.8, 72.5, 67.4, 69.9, 70.8, 68.4, 75.0];
    const found = interval(own, base);
    expect(found?.low).toBeCloseTo(4.56, 1);
    expect(found?.high).toBeCloseTo(4.897, 1);
    expect(interval(own, base)).toEqual(found);
  });

  it('of requests that all take the same is a point', () => {
    const found = interval(Array(8).fill(10), Array(8).fill(40));
    expect(found).toEqual({ low: 4, high: 4 });
  });

  it('is none for few requests, for requests that were not kept, or for no time at all', () => {
    expect(interval(Array(5).fill(10), Array(8).fill(40))).toBeNull();
    expect(interval(Array(8).fill(0), Array(8).fill(40))).toBeNull();
    const bare = { profiles: [makeProfile('burst')] };
    expect(ratioInterval([side(Array(8).fill(9))], [bare], 'burst', 'tpotMs')).toBeNull();
    expect(
      ratioInterval([side(Array(8).fill(9))], [side([], 'other')], 'burst', 'tpotMs'),
    ).toBeNull();
  });

  it('has the ratio of the medians in it, and turns round with the sides', () => {
    const times = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), {
      minLength: 6,
      maxLength: 20,
    });
    const middle = (values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const half = sorted.length / 2;
      return ((sorted[Math.ceil(half) - 1] as number) + (sorted[Math.floor(half)] as number)) / 2;
    };
    fc.assert(
      fc.property(times, times, (own, base) => {
        const found = interval(own, base);
        const ratio = middle(base) / middle(own);
        expect(found?.low).toBeLessThanOrEqual(ratio * (1 + 1e-9));
        expect(found?.high).toBeGreaterThanOrEqual(ratio * (1 - 1e-9));
      }),
      { numRuns: 40 },
    );
  });
});
