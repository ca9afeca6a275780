import { BenchError, createRegistry, type Rng } from '../../core/index.ts';
import type { ArrivalSpec } from '../../model/index.ts';
import type { ArrivalShape } from './arrival.ts';
import { constantArrivals } from './constant.ts';
import { gammaArrivals } from './gamma.ts';
import { poissonArrivals } from './poisson.ts';

export const arrivalShapes = createRegistry<ArrivalShape>('arrival', [
  poissonArrivals,
  constantArrivals,
  gammaArrivals,
]);

/**
 * Reads `poisson`, `constant` or `gamma:SHAPE`.
 * @throws BenchError USAGE_UNKNOWN_ARRIVAL, USAGE_ARRIVAL
 */
export function parseArrival(text: string): ArrivalSpec {
  const [id = '', ...rest] = text.trim().split(':');
  const shape = arrivalShapes.get(id);
  const spec = shape.parse(rest.length === 0 ? null : rest.join(':'));
  if (spec) return spec;
  throw new BenchError('USAGE_ARRIVAL', `Arrival "${text}" is not valid.`, {
    hint: `Write it as ${shape.usage}.`,
  });
}

/** Successive gaps of mean 1 in the shape asked for. */
export function createGaps(spec: ArrivalSpec, rng: Rng): () => number {
  return arrivalShapes.get(spec.kind).createGaps(spec, rng);
}
