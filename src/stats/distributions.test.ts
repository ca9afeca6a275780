import { describe, expect, it } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  clopperPearson,
  logGamma,
  regularizedBeta,
  studentTCdf,
  studentTQuantile,
} from './index.ts';

/** Golden values: scipy 1.17.1. */
const relative = (actual: number, expected: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10 * Math.abs(expected) + 1e-300);

describe('special functions', () => {
  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [3.7, 1.428072326665388],
    [100, 359.1342053695754],
    [12345.6, 103959.18506616844],
  ])('logGamma(%d): scipy.special.gammaln', (x, expected) => relative(logGamma(x), expected));

  it.each([
    [0.1, 2, 3, 0.0523],
    [0.5, 0.5, 0.5, 0.5],
    [0.99, 368, 1, 0.024760055390093627],
    [0.9, 900, 101, 0.5265990812951663],
    [0.999, 3688, 2, 0.11708686567615044],
  ])('regularizedBeta(%d, %d, %d): scipy.special.betainc', (x, a, b, expected) =>
    relative(regularizedBeta(x, a, b), expected),
  );

  it.each([
    [0.025, 2, 3, 0.06758598648854294],
    [0.5, 0.5, 0.5, 0.5],
    [0.975, 900, 101, 0.9169798860881977],
  ])('betaQuantile(%d, %d, %d): scipy.stats.beta.ppf', (p, a, b, expected) =>
    relative(betaQuantile(p, a, b), expected),
  );
});

describe('binomialCdf', () => {
  it.each([
    [83, 100, 0.9, 0.020598810145300142],
    [35, 36, 0.9, 0.9774716004550608],
    [980, 1000, 0.99, 0.003288359787727489],
    [3687, 3688, 0.999, 0.9750241327482614],
  ])('(%d, %d, %d): scipy.stats.binom.cdf', (k, n, p, expected) =>
    relative(binomialCdf(k, n, p), expected),
  );

  it('is 0 below and 1 from n on', () => {
    expect(binomialCdf(-1, 5, 0.3)).toBe(0);
    expect(binomialCdf(5, 5, 0.3)).toBe(1);
  });
});

describe('clopperPearson', () => {
  // scipy.stats.binomtest(k, n).proportion_ci(level, 'exact')
  it.each([
    [0, 10, 0.95, 0, 0.30849710781876294],
    [3, 10, 0.95, 0.06673951117773447, 0.652452850060008],
    [299, 299, 0.9, 0.990030853207042, 1],
    [298, 299, 0.9, 0.9842332168723834, 0.9998284652340756],
    [95, 100, 0.95, 0.887165088894537, 0.9835681208182717],
    [9990, 10000, 0.95, 0.9981617358657504, 0.9995203602762358],
  ])('%d of %d at %d', (k, n, level, low, high) => {
    const interval = clopperPearson(k, n, level);
    relative(interval.low, low);
    relative(interval.high, high);
  });

  it('proves 99 % one-sided with 299 requests without a miss, not with 298', () => {
    expect(clopperPearson(299, 299, 0.9).low).toBeGreaterThanOrEqual(0.99);
    expect(clopperPearson(298, 298, 0.9).low).toBeLessThan(0.99);
  });
});

describe('studentTQuantile', () => {
  // scipy.stats.t.ppf
  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 7, 2.364624251592784],
    [0.95, 19, 1.7291328115213682],
    [0.995, 30, 2.7499956535672254],
    [0.025, 5, -2.5705818356363155],
    [0.975, 1000, 1.9623390808264083],
  ])('(%d, %d)', (p, df, expected) => relative(studentTQuantile(p, df), expected));

  it('is the inverse of the distribution function', () => {
    for (const p of [0.01, 0.3, 0.5, 0.8, 0.999]) {
      expect(studentTCdf(studentTQuantile(p, 4), 4)).toBeCloseTo(p, 12);
    }
  });
});
