import { type GroupedSeries, groupCount } from './grouped-series.ts';

/**
 * Looks at one group: values[from] up to values[to], each as often as its weight says, a whole
 * number (null: each once). The arrays are good until the call returns.
 */
export type VisitGroup = (
  group: number,
  values: Float64Array,
  weights: Float64Array | null,
  from: number,
  to: number,
) => void;

/**
 * A computation that looks at all groups several times: yields a visitor for each look and goes on
 * once that has seen every group in order. So values need not be held: they can be made anew for
 * each look, and several computations can share one.
 */
export type Passes<Result> = Generator<VisitGroup, Result, undefined>;

/** Carries out a computation on values that are held. */
export function runPasses<Result>(series: GroupedSeries, passes: Passes<Result>): Result {
  const { values, offsets } = series;
  const groups = groupCount(series);
  for (;;) {
    const next = passes.next();
    if (next.done) return next.value;
    const visit = next.value;
    for (let g = 0; g < groups; g++) {
      visit(g, values, null, offsets[g] as number, offsets[g + 1] as number);
    }
  }
}
