import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecdfQuantile, weightedEcdf } from './ecdf.ts';
import { itlSamples, samplingNote, ttftSamples } from './level-samples.ts';
import { makeLevelRun, makeRecord } from './test-support.ts';

describe('weightedEcdf', () => {
  it('counts a weight of k as k values', () => {
    expect(
      weightedEcdf([
        { x: 5, weight: 1 },
        { x: 2, weight: 2 },
        { x: 5, weight: 1 },
      ]),
    ).toEqual([
      { x: 2, share: 0.5 },
      { x: 5, share: 1 },
    ]);
  });

  it('rises to 1 at the largest value and stays short', () => {
    const values = fc.array(
      fc.record({ x: fc.integer({ min: 0, max: 50 }), weight: fc.integer({ min: 1, max: 4 }) }),
      { minLength: 1, maxLength: 300 },
    );
    fc.assert(
      fc.property(values, (sample) => {
        const points = weightedEcdf(sample, 20);
        expect(points.length).toBeLessThanOrEqual(22);
        expect(points.at(-1)).toEqual({ x: Math.max(...sample.map(({ x }) => x)), share: 1 });
        const total = sample.reduce((sum, { weight }) => sum + weight, 0);
        points.forEach((point, i) => {
          if (i > 0) expect(point.x).toBeGreaterThan((points[i - 1] as { x: number }).x);
          const below = sample.reduce((sum, { x, weight }) => sum + (x <= point.x ? weight : 0), 0);
          expect(point.share).toBeCloseTo(below / total, 12);
        });
      }),
    );
  });

  it('reads quantiles off the steps', () => {
    const points = weightedEcdf([1, 2, 3, 4].map((x) => ({ x, weight: 1 })));
    expect([0.25, 0.5, 0.51, 1].map((share) => ecdfQuantile(points, share))).toEqual([1, 2, 3, 4]);
    expect(ecdfQuantile([], 0.5)).toBeNull();
  });
});

describe('samples of a level', () => {
  const run = {
    ...makeLevelRun(),
    records: [
      makeRecord({
        chunks: {
          atUs: [2_100_000, 2_140_000, 2_150_000, 2_170_000],
          tokens: [1, 4, 0, 1],
          read: [0, 1, 2, 3],
          kind: [0, 0, 0, 0],
        },
      }),
      makeRecord({ index: 1, outcome: 'reset' }),
      makeRecord({ index: 2, counted: false }),
    ],
  };

  it('measures TTFT from the intended send, counted successes only', () => {
    expect(ttftSamples(run)).toEqual({ values: [{ x: 100, weight: 1 }], every: 1 });
  });

  it('spreads a chunk over its tokens and gives the time of an empty one to the next token', () => {
    expect(itlSamples(run).values).toEqual([
      { x: 10, weight: 4 },
      { x: 30, weight: 1 },
    ]);
  });

  it('takes every so manieth request where there are too many values, and says so', () => {
    const long = makeLevelRun({ requests: 1002, outputTokens: 4 });
    const some = ttftSamples(long, 300);
    expect(some.every).toBe(4);
    expect(some.values).toHaveLength(250);
    expect(samplingNote([some])).toBe('Drawn from one request in 4.');
    // 1000 requests of 4 tokens: one request in 8 leaves 125 with three gaps each.
    const gaps = itlSamples(long, 500);
    expect([gaps.every, gaps.values.length]).toEqual([8, 375]);
  });
});
