import type { Rng } from '../../core/index.ts';
import type { ArrivalSpec } from '../../model/index.ts';

/**
 * One shape of arrivals. Gaps have mean 1 and no unit: a level of rate r divides them by r. All
 * levels of a run draw the same gaps and only stretch them (common random numbers), so that a
 * difference between two levels is not one of luck.
 */
export interface ArrivalShape {
  /** The word before the colon: `gamma` in `gamma:0.5`. */
  readonly id: ArrivalSpec['kind'];
  /** @param argument what follows the colon; null without one. Returns null when it is not valid. */
  parse(argument: string | null): ArrivalSpec | null;
  /** How to write it, for the hint of an error. */
  readonly usage: string;
  /** The gaps before the first, second, ... request; the first counts from the level's start. */
  createGaps(spec: ArrivalSpec, rng: Rng): () => number;
}
