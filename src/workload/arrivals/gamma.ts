import { sampleGamma } from '../../stats/index.ts';
import type { ArrivalShape } from './arrival.ts';

/**
 * Gamma gaps of mean 1: coefficient of variation 1/sqrt(shape). Shape 1 is Poisson, below 1 is
 * burstier, above 1 more regular.
 */
export const gammaArrivals: ArrivalShape = {
  id: 'gamma',
  usage: 'gamma:SHAPE with SHAPE from 0.01 to 10000',
  parse(argument) {
    if (argument === null || !/^\d+(\.\d+)?$/.test(argument)) return null;
    const shape = Number(argument);
    return shape >= 0.01 && shape <= 10_000 ? { kind: 'gamma', shape } : null;
  },
  createGaps(spec, rng) {
    const shape = spec.kind === 'gamma' ? spec.shape : 1;
    return () => sampleGamma(rng, shape) / shape;
  },
};
