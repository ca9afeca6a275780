import type { VisitGroup } from './grouped-passes.ts';
import type { GroupTotals } from './grouped-series.ts';

/** How a value enters sums; null: as it is. */
export type Score = ((value: number) => number) | null;

/** A visitor that adds up the scores of each group. */
export function lookForSums(
  groups: number,
  score: Score,
): { visit: VisitGroup; totals(): GroupTotals } {
  const sums = new Float64Array(groups);
  const counts = new Uint32Array(groups);
  let sum = 0;
  let count = 0;
  return {
    visit(group, values, weights, from, to) {
      let groupSum = 0;
      let groupCount = 0;
      for (let i = from; i < to; i++) {
        const value = score === null ? (values[i] as number) : score(values[i] as number);
        if (weights === null) {
          groupSum += value;
          continue;
        }
        const times = weights[i] as number;
        // One by one, so that a weight gives the same bits as that many values.
        for (let k = 0; k < times; k++) groupSum += value;
        groupCount += times;
      }
      if (weights === null) groupCount = to - from;
      sums[group] = groupSum;
      counts[group] = groupCount;
      sum += groupSum;
      count += groupCount;
    },
    totals: () => ({ sums, counts, ratio: count === 0 ? Number.NaN : sum / count }),
  };
}

/**
 * A visitor that counts for each group the values at or below each threshold, and adds up the
 * squares about a centre.
 */
export function lookForShares(
  { counts, ratio: centre }: GroupTotals,
  thresholds: readonly number[],
  score: Score,
): { visit: VisitGroup; totals(): GroupTotals[]; squares(): number } {
  const columns = thresholds.map(() => new Uint32Array(counts.length));
  const ascending = thresholds.map((_, j) => j).sort((a, b) => at(a) - at(b));
  function at(j: number): number {
    return thresholds[j] as number;
  }
  const limits = Float64Array.from(ascending, at);
  /** Of the group at hand, the values above the limit before and up to this one. */
  const steps = new Float64Array(limits.length + 1);
  let squares = 0;
  return {
    visit(group, values, weights, from, to) {
      steps.fill(0);
      // Adding to a variable of this function is several times as fast as to one outside of it.
      let sum = squares;
      for (let i = from; i < to; i++) {
        const value = values[i] as number;
        let step = 0;
        while (step < limits.length && value > (limits[step] as number)) step++;
        const off = (score === null ? value : score(value)) - centre;
        if (weights === null) {
          steps[step] = (steps[step] as number) + 1;
          sum += off * off;
          continue;
        }
        const times = weights[i] as number;
        steps[step] = (steps[step] as number) + times;
        for (let k = 0; k < times; k++) sum += off * off;
      }
      squares = sum;
      let below = 0;
      for (let step = 0; step < limits.length; step++) {
        below += steps[step] as number;
        (columns[ascending[step] as number] as Uint32Array)[group] = below;
      }
    },
    totals: () =>
      columns.map((sums) => {
        let sum = 0;
        let count = 0;
        for (let g = 0; g < sums.length; g++) {
          sum += sums[g] as number;
          count += counts[g] as number;
        }
        return { sums, counts, ratio: count === 0 ? Number.NaN : sum / count };
      }),
    squares: () => squares,
  };
}
