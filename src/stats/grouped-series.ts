/**
 * Values in groups, the groups in order of intended time. A group is one request: one value for
 * a latency per request, many for gaps between tokens, none for a request without such a value.
 */
export interface GroupedSeries {
  values: Float64Array;
  /** Group i holds values[offsets[i]] up to values[offsets[i + 1]]; length = groups + 1. */
  offsets: ArrayLike<number>;
}

/** A series whose groups hold one value each. */
export function singletonGroups(values: ArrayLike<number>): GroupedSeries {
  const offsets = new Uint32Array(values.length + 1);
  for (let i = 0; i < offsets.length; i++) offsets[i] = i;
  return { values: Float64Array.from(values), offsets };
}

export function groupCount(series: GroupedSeries): number {
  return series.offsets.length - 1;
}

/** One number and one weight for each group: the ratio of their sums is the statistic. */
export interface GroupTotals {
  sums: Float64Array;
  counts: Float64Array;
  /** sum of sums / sum of counts */
  ratio: number;
}

/** Totals of `score(value)` by group: the identity for a mean, an indicator for a share. */
export function groupTotals(series: GroupedSeries, score: (value: number) => number): GroupTotals {
  const n = groupCount(series);
  const { values, offsets } = series;
  const sums = new Float64Array(n);
  const counts = new Float64Array(n);
  let sum = 0;
  for (let g = 0; g < n; g++) {
    const start = offsets[g] as number;
    const end = offsets[g + 1] as number;
    let groupSum = 0;
    for (let i = start; i < end; i++) groupSum += score(values[i] as number);
    sums[g] = groupSum;
    counts[g] = end - start;
    sum += groupSum;
  }
  return { sums, counts, ratio: values.length === 0 ? Number.NaN : sum / values.length };
}

/**
 * What each group adds to the deviation of the ratio from its expectation (the influence
 * function of a ratio estimator): sum of the group - ratio x values in the group.
 */
export function influences(totals: GroupTotals): Float64Array {
  return totals.sums.map((sum, g) => {
    const influence = sum - totals.ratio * (totals.counts[g] as number);
    // Rounding must not look like dependence in a series that is constant.
    return Math.abs(influence) <= 1e-10 * Math.abs(sum) ? 0 : influence;
  });
}
