/** One step of an empirical distribution: `share` of the weight is at or below `x`. */
export interface EcdfPoint {
  x: number;
  share: number;
}

/**
 * Empirical distribution of weighted values (a weight of k counts as k equal values), thinned
 * to at most about `maxPoints` steps at equal shares; the first and last value always stay.
 */
export function weightedEcdf(
  values: readonly { x: number; weight: number }[],
  maxPoints = 240,
): EcdfPoint[] {
  const sorted = values.filter(({ weight }) => weight > 0).sort((a, b) => a.x - b.x);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const points: EcdfPoint[] = [];
  let seen = 0;
  let keptShare = Number.NEGATIVE_INFINITY;
  sorted.forEach(({ x, weight }, i) => {
    seen += weight;
    const share = seen / total;
    const isEdge = i === 0 || i === sorted.length - 1;
    // Of equal values only the last carries the full share.
    if (sorted[i + 1]?.x === x) return;
    if (!isEdge && share - keptShare < 1 / maxPoints) return;
    points.push({ x, share });
    keptShare = share;
  });
  return points;
}

/** The smallest value that at least `share` of the weight is at or below; null without points. */
export function ecdfQuantile(points: readonly EcdfPoint[], share: number): number | null {
  return points.find((point) => point.share >= share)?.x ?? null;
}
