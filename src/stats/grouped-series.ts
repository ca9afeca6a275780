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
  sums: Float64Array | Uint32Array;
  counts: Uint32Array;
  /** sum of sums / sum of counts */
  ratio: number;
}

/**
 * What each group adds to the deviation of the ratio from its expectation (the influence
 * function of a ratio estimator): sum of the group - ratio x values in the group.
 */
export function influences({ sums, counts, ratio }: GroupTotals): Float64Array {
  const out = new Float64Array(sums.length);
  for (let g = 0; g < out.length; g++) {
    const sum = sums[g] as number;
    const influence = sum - ratio * (counts[g] as number);
    // Rounding must not look like dependence in a series that is constant.
    out[g] = Math.abs(influence) <= 1e-10 * Math.abs(sum) ? 0 : influence;
  }
  return out;
}
