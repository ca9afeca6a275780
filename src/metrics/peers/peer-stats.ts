/** Mean; null without values. */
export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of the population (numpy's default); null without values. */
export function populationStd(values: readonly number[]): number | null {
  const centre = mean(values);
  if (centre === null) return null;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** Linear interpolation between values, numpy's default; null without values. */
export function linearPercentile(sorted: Float64Array, p: number): number | null {
  if (sorted.length === 0) return null;
  const position = ((sorted.length - 1) * p) / 100;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}
