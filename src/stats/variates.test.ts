import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../core/index.ts';
import {
  mean,
  sampleExponential,
  sampleGamma,
  sampleLogNormal,
  sampleNormal,
  stdev,
} from './index.ts';

const draws = (sample: (rng: Rng) => number, n = 200_000) => {
  const rng = createRng(11, 'variates');
  return Float64Array.from({ length: n }, () => sample(rng));
};

/** Share of values at or below x against scipy 1.17.1, within five standard errors. */
function expectShare(values: Float64Array, x: number, expected: number) {
  const share = values.filter((value) => value <= x).length / values.length;
  const error = Math.sqrt((expected * (1 - expected)) / values.length);
  expect(Math.abs(share - expected)).toBeLessThan(5 * error);
}

describe('variates', () => {
  it('exponential: expon.cdf', () => {
    const values = draws(sampleExponential);
    expectShare(values, 0.1, 0.09516258196404043);
    expectShare(values, 1, 0.6321205588285577);
    expectShare(values, 4, 0.9816843611112658);
  });

  it('normal: norm.cdf', () => {
    const values = draws(sampleNormal);
    expectShare(values, -1.5, 0.06680720126885807);
    expectShare(values, 0, 0.5);
    expectShare(values, 2, 0.9772498680518208);
  });

  it.each([
    [0.5, 0.2, 0.4729107431344619],
    [0.5, 2, 0.9544997361036416],
    [1, 1, 0.6321205588285577],
    [4, 2, 0.14287653950145296],
    [4, 6, 0.8487961172233521],
  ])('gamma of shape %d: gamma.cdf(%d)', (shape, x, expected) => {
    const values = draws((rng) => sampleGamma(rng, shape));
    expectShare(values, x, expected);
    expect(Math.abs((mean(values) as number) - shape)).toBeLessThan(0.02 * shape);
  });

  it('refuses a gamma shape that is not positive', () => {
    expect(() => sampleGamma(createRng(1, 'x'), 0)).toThrow(RangeError);
  });

  it('log-normal has the mean and the standard deviation asked for', () => {
    const values = draws((rng) => sampleLogNormal(rng, 200, 100));
    expect(Math.abs((mean(values) as number) - 200)).toBeLessThan(2);
    expect(Math.abs((stdev(values) as number) - 100)).toBeLessThan(3);
    // Median = mean / sqrt(1 + cv^2).
    expectShare(values, 200 / Math.sqrt(1.25), 0.5);
  });

  it('the same seed gives the same values', () => {
    expect(draws(sampleNormal, 5)).toEqual(draws(sampleNormal, 5));
  });
});
