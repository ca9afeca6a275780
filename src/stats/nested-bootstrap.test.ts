import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { type NestedValues, nestedBootstrap } from './nested-bootstrap.ts';
import { mean } from './quantile.ts';
import { differenceOfStrata, meanOfStrata } from './strata.ts';
import { independentEffect } from './t-effect.ts';

const options = { seed: 7, purpose: 'test' };
const meanOf = (strata: NestedValues) => mean(strata.flat(2)) as number;

describe('nestedBootstrap', () => {
  it('of many single values is the normal interval of their mean', () => {
    const rng = createRng(3, 'values');
    const values = Array.from({ length: 400 }, () => rng.next());
    const interval = nestedBootstrap([values.map((value) => [value])], meanOf, options);
    // Uniform: sd 1 / sqrt(12), so 1.96 / sqrt(12 x 400) = 0.0283 to each side.
    const centre = mean(values) as number;
    expect((interval?.low ?? 0) - centre).toBeCloseTo(-0.0283, 2);
    expect((interval?.high ?? 0) - centre).toBeCloseTo(0.0283, 2);
  });

  it('draws clusters, not the values of all of them', () => {
    // Values within a cluster are the same: as wide as if each cluster were one value.
    const clusters = [1, 2, 3, 4, 5, 6].map((value) => new Array<number>(50).fill(value));
    const whole = nestedBootstrap([clusters], meanOf, options);
    const single = nestedBootstrap([[[1], [2], [3], [4], [5], [6]]], meanOf, options);
    expect(whole?.low).toBeCloseTo(single?.low ?? 0, 0);
    expect((whole?.high ?? 0) - (whole?.low ?? 0)).toBeGreaterThan(2.5);
  });

  it('has the values of a single cluster as its unit, and refuses fewer than two', () => {
    expect(nestedBootstrap([[[1, 2, 3, 4, 5, 6]]], meanOf, options)).not.toBeNull();
    expect(nestedBootstrap([[[1]]], meanOf, options)).toBeNull();
    expect(nestedBootstrap([], meanOf, options)).toBeNull();
  });
});

describe('strata', () => {
  const a = [1, 2, 4, 8];
  const b = [2, 3, 5];

  it('of one stratum each differ as by Welch', () => {
    const welch = independentEffect(a, b);
    const effect = differenceOfStrata([a], [b]);
    expect(effect?.estimate).toBeCloseTo(welch?.estimate ?? 0, 12);
    expect(effect?.standardError).toBeCloseTo(welch?.standardError ?? 0, 12);
    expect(effect?.df).toBeCloseTo(welch?.df ?? 0, 9);
  });

  it('weigh the same however many values they have', () => {
    expect(meanOfStrata([a, b])?.estimate).toBeCloseTo((15 / 4 + 10 / 3) / 2, 12);
    expect(meanOfStrata([a, [1]])).toBeNull();
    expect(meanOfStrata([])).toBeNull();
    // Variances of the means: 115/12/4 and 7/3/3; of their mean a quarter of the sum.
    const error = Math.sqrt((115 / 12 / 4 + 7 / 3 / 3) / 4);
    expect(meanOfStrata([a, b])?.standardError).toBeCloseTo(error, 12);
  });
});
