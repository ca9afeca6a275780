/** Where a series has left its start behind. */
export interface Truncation {
  /** Values to leave out at the start: whole batches of five. */
  cut: number;
  /** Squared standard error of the mean of the batches that stay; NaN below five values. */
  statistic: number;
  /** Batches that the series held. */
  batches: number;
}

const batchSize = 5;

/** The statistic of a handful of batches is small by chance: cuts that leave fewer are not tried. */
const fewestLeft = 5;
const leastShareLeft = 0.25;

/**
 * MSER-5 (White 1997; White, Cobb & Spratt 2000): cuts off as much of the start as makes the mean
 * of the rest most certain. Over means Z of successive batches of five, the cut d is the one with
 * the smallest sum of (Z[j] - mean)^2 / (k - d)^2 over the k - d batches that stay; the smallest d
 * of equals. Values after the last whole batch take no part.
 *
 * Cuts of up to three quarters are tried (all but five batches of few), so that a series that never
 * settles shows as one: a cut past the middle says that there is no steady part.
 */
export function mser5(values: ArrayLike<number>): Truncation {
  const batches = Math.floor(values.length / batchSize);
  const least = Math.max(fewestLeft, Math.ceil(leastShareLeft * batches));
  let best: Truncation = { cut: 0, statistic: Number.NaN, batches };
  // From the end, so that each cut adds one batch to the mean and the squares (Welford 1962).
  let mean = 0;
  let squares = 0;
  for (let d = batches - 1; d >= 0; d--) {
    const z = batchMean(values, d * batchSize);
    const left = batches - d;
    const shift = z - mean;
    mean += shift / left;
    squares += shift * (z - mean);
    const statistic = squares / (left * left);
    if (d > 0 && left < least) continue;
    if (!(statistic > best.statistic)) best = { cut: d * batchSize, statistic, batches };
  }
  return best;
}

function batchMean(values: ArrayLike<number>, from: number): number {
  let sum = 0;
  for (let i = from; i < from + batchSize; i++) sum += values[i] as number;
  return sum / batchSize;
}
