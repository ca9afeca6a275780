import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../core/index.ts';
import { type ArrivalSpec, formatArrival } from '../../model/index.ts';
import { createGaps, parseArrival } from './registry.ts';

function drawGaps(text: string, seed: number, count: number): number[] {
  const next = createGaps(parseArrival(text), createRng(seed, 'arrivals'));
  return Array.from({ length: count }, next);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))) / mean;
}

/** Kolmogorov-Smirnov distance to a distribution function. */
function ksDistance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  let d = 0;
  for (const [i, x] of sorted.entries()) {
    d = Math.max(d, cdf(x) - i / sorted.length, (i + 1) / sorted.length - cdf(x));
  }
  return d;
}

/** Asymptotic 1 % critical value of the one-sample test: 1.6276 / sqrt(n). */
const ksCritical = (n: number) => 1.6276 / Math.sqrt(n);
const exponentialCdf = (x: number) => 1 - Math.exp(-x);

describe('poisson', () => {
  it('gaps are exponential: the KS test refuses 1 % of the seeds at 1 %, not more', () => {
    const n = 2000;
    const distances = Array.from({ length: 300 }, (_, seed) =>
      ksDistance(drawGaps('poisson', seed, n), exponentialCdf),
    );
    const refused = (critical: number) => distances.filter((d) => d > critical).length;
    // 3 and 15 are expected of exact exponentials; Binomial(300, .01) <= 9 and
    // 5 <= Binomial(300, .05) <= 27 each hold with probability > 99.8 %.
    expect(refused(ksCritical(n))).toBeLessThanOrEqual(9);
    const refusedAt5 = refused(1.3581 / Math.sqrt(n));
    expect(refusedAt5).toBeGreaterThanOrEqual(5);
    expect(refusedAt5).toBeLessThanOrEqual(27);
  });

  it('has mean 1', () => {
    const gaps = drawGaps('poisson', 1, 100_000);
    expect(Math.abs(meanOf(gaps) - 1)).toBeLessThan(3.5 / Math.sqrt(gaps.length));
  });

  it('consecutive gaps are uncorrelated', () => {
    const gaps = drawGaps('poisson', 6, 20_000);
    const products = gaps.slice(1).map((gap, i) => (gap - 1) * ((gaps[i] ?? 0) - 1));
    expect(Math.abs(meanOf(products))).toBeLessThan(3.5 / Math.sqrt(gaps.length));
  });

  it('the KS test used here refuses gaps that are not exponential', () => {
    const gaps = drawGaps('gamma:1.2', 1, 20_000);
    expect(ksDistance(gaps, exponentialCdf)).toBeGreaterThan(ksCritical(gaps.length));
  });
});

describe('constant', () => {
  it('has equal gaps after half a gap', () => {
    expect(drawGaps('constant', 1, 5)).toEqual([0.5, 1, 1, 1, 1]);
  });
});

describe('gamma', () => {
  it.each([0.25, 0.5, 1, 2, 10])('shape %d has mean 1 and CV 1/sqrt(shape)', (shape) => {
    const n = 100_000;
    const gaps = drawGaps(`gamma:${shape}`, 7, n);
    const cv = 1 / Math.sqrt(shape);
    expect(Math.abs(meanOf(gaps) - 1)).toBeLessThan((4 * cv) / Math.sqrt(n));
    // The standard error of a sample CV under a gamma law stays under 1 % here.
    expect(Math.abs(variationOf(gaps) / cv - 1)).toBeLessThan(0.03);
  });

  it('shape 1 is exponential (KS, 1 %)', () => {
    const gaps = drawGaps('gamma:1', 8, 20_000);
    expect(ksDistance(gaps, exponentialCdf)).toBeLessThan(ksCritical(gaps.length));
  });
});

it('the same seed draws the same gaps; none is negative', () => {
  const anyArrival = fc.oneof(
    fc.constant<ArrivalSpec>({ kind: 'poisson' }),
    fc.constant<ArrivalSpec>({ kind: 'constant' }),
    fc.integer({ min: 1, max: 1000 }).map<ArrivalSpec>((n) => ({ kind: 'gamma', shape: n / 100 })),
  );
  fc.assert(
    fc.property(anyArrival, fc.integer(), (arrival, seed) => {
      const text = formatArrival(arrival);
      expect(parseArrival(text)).toEqual(arrival);
      const gaps = drawGaps(text, seed, 50);
      expect(gaps).toEqual(drawGaps(text, seed, 50));
      expect(gaps.every((gap) => gap >= 0 && Number.isFinite(gap))).toBe(true);
    }),
  );
});

it.each([
  'gamma',
  'gamma:',
  'gamma:0',
  'gamma:-1',
  'gamma:x',
  'gamma:1e9',
  'poisson:2',
  'gamma:1:2',
])('refuses %s by name', (text) => {
  expect(() => parseArrival(text)).toThrowError(
    expect.objectContaining({ code: 'USAGE_ARRIVAL', message: expect.stringContaining(text) }),
  );
});

it('suggests what a typo meant', () => {
  expect(() => parseArrival('poison')).toThrowError(/Did you mean "poisson"/);
});
