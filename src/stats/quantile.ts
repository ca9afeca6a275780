/** Ascending copy; +Infinity sorts last, NaN is not expected. */
export function sortedCopy(values: ArrayLike<number>): Float64Array {
  return new Float64Array(values).sort();
}

/**
 * Sample quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7:
 * position `(n - 1) * p`), the default of numpy, R and the serving benchmarks.
 *
 * @param sorted ascending; may end in +Infinity.
 * @param p in [0, 1].
 * @returns undefined for no values; Infinity when the interpolation touches an infinite value.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number | undefined {
  const { below, share } = quantilePosition(sorted.length, p);
  return interpolate(sorted[below], sorted[below + 1], share);
}

/** Where the p-quantile of n values lies: `share` of the way from rank `below`, from 0, to the next. */
export function quantilePosition(n: number, p: number): { below: number; share: number } {
  const position = (n - 1) * Math.min(1, Math.max(0, p));
  const below = Math.floor(position);
  return { below, share: position - below };
}

/** Between two neighbouring order statistics; the first where there is no second. */
export function interpolate(
  low: number | undefined,
  high: number | undefined,
  share: number,
): number | undefined {
  if (low === undefined || high === undefined) return low;
  // 0 * Infinity and Infinity - Infinity would be NaN.
  if (share === 0 || low === high) return low;
  return low + (high - low) * share;
}

/** Arithmetic mean; undefined for no values. */
export function mean(values: ArrayLike<number>): number | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i] as number;
  return sum / n;
}

/** Sample standard deviation (divisor n - 1); undefined for fewer than two values. */
export function stdev(values: ArrayLike<number>): number | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const centre = mean(values) as number;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ((values[i] as number) - centre) ** 2;
  return Math.sqrt(sum / (n - 1));
}

/** How many of the values are at or below `x`. */
export function countUpTo(sorted: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
