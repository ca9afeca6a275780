import { sampleExponential } from '../../stats/index.ts';
import type { ArrivalShape } from './arrival.ts';

/** Independent users: exponential gaps. */
export const poissonArrivals: ArrivalShape = {
  id: 'poisson',
  usage: 'poisson',
  parse: (argument) => (argument === null ? { kind: 'poisson' } : null),
  createGaps: (_spec, rng) => () => sampleExponential(rng),
};
