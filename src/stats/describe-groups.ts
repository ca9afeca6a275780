import {
  type BootstrapOptions,
  type BootstrapResult,
  intervalsOf,
  refuseAll,
} from './block-bootstrap.ts';
import { lookForShares, lookForSums, type Score } from './group-looks.ts';
import { type Passes, runPasses } from './grouped-passes.ts';
import { type GroupedSeries, groupCount } from './grouped-series.ts';
import { createValueCounter, type OrderedValues, orderSorted } from './ordered-values.ts';
import { interpolate, quantilePosition, sortedCopy } from './quantile.ts';

/** A series in numbers; undefined where there are too few values. */
export interface GroupsDescription {
  /** Groups that hold a value. */
  filled: number;
  mean: number | undefined;
  /** Divisor n - 1. */
  stdev: number | undefined;
  max: number | undefined;
  /** As `options.quantiles`, then `options.tailQuantiles`; type 7, as `quantile`. */
  quantiles: (number | undefined)[];
  intervals: BootstrapResult;
}

export interface DescribeOptions extends BootstrapOptions {
  /** All values in ascending order, where they are held; then they may end in +Infinity. */
  sorted?: Float64Array;
  /** Distinct values that are told apart at once, where they are not held: `createValueCounter`. */
  mostDistinct?: number;
}

/**
 * Moments, quantiles and intervals of a series of groups, in two looks at its values (up to four
 * where they have very many distinct ones). Memory is for the groups, not for the values.
 */
export function* describeGroups(
  groups: number,
  options: DescribeOptions,
): Passes<GroupsDescription> {
  const { sorted } = options;
  const score = sorted === undefined ? null : finiteScore(sorted);
  const sums = lookForSums(groups, score);
  const counter = sorted === undefined ? createValueCounter(options.mostDistinct) : null;
  yield (group, values, weights, from, to) => {
    sums.visit(group, values, weights, from, to);
    counter?.add(group, values, weights, from, to);
  };
  const ordered = counter?.order() ?? orderSorted(sorted as Float64Array);
  const means = sums.totals();
  const n = ordered.length;
  const ps = [...options.quantiles, ...(options.tailQuantiles ?? [])];
  if (n === 0) {
    const none = { mean: undefined, stdev: undefined, max: undefined };
    const quantiles = ps.map(() => undefined);
    return { filled: 0, ...none, quantiles, intervals: refuseAll(options, null, 1) };
  }

  const quantiles = yield* quantilesOf(ordered, ps);
  const shares = lookForShares(means, quantiles, score);
  yield shares.visit;
  const squares = shares.squares();
  return {
    filled: means.counts.reduce((filled, count) => filled + (count > 0 ? 1 : 0), 0),
    mean: means.ratio,
    stdev: n < 2 ? undefined : Math.sqrt(squares / (n - 1)),
    max: ordered.at(n - 1),
    quantiles,
    intervals: yield* intervalsOf(
      { ordered, means, variance: squares / n, shares: shares.totals() },
      options,
    ),
  };
}

/** `describeGroups` of a series that is held. */
export function describeSeries(
  series: GroupedSeries,
  options: BootstrapOptions,
): GroupsDescription {
  const sorted = sortedCopy(series.values);
  return runPasses(series, describeGroups(groupCount(series), { ...options, sorted }));
}

/** The intervals alone. */
export function bootstrapIntervals(
  series: GroupedSeries,
  options: BootstrapOptions,
): BootstrapResult {
  return describeSeries(series, options).intervals;
}

/** Infinite values (failures) take part in dependence as twice the largest finite value. */
function finiteScore(sorted: Float64Array): Score {
  if (sorted.at(-1) !== Infinity) return null;
  const cap = 2 * Math.max(1, sorted.findLast((value) => value !== Infinity) ?? 1);
  return (value) => (value === Infinity ? cap : value);
}

function* quantilesOf(ordered: OrderedValues, ps: readonly number[]): Passes<number[]> {
  const positions = ps.map((p) => quantilePosition(ordered.length, p));
  yield* ordered.find(positions.flatMap(({ below }) => [below, below + 1]));
  return positions.map(
    ({ below, share }) => interpolate(ordered.at(below), ordered.at(below + 1), share) as number,
  );
}
