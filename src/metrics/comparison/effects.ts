import type { MetricComparison } from '../../model/index.ts';
import {
  independentEffect,
  normalQuantile,
  pairedEffect,
  predictionEffect,
  type RankTest,
  rankSumTest,
  signedRankTest,
  type TEffect,
} from '../../stats/index.ts';

/** How B stands to A on the log scale, and what that rests on. */
export interface LogEffect {
  n: { a: number; b: number };
  /** Geometric means. */
  a: number | null;
  b: number | null;
  /** mean log(b / a); null without values on both sides. */
  estimate: number | null;
  /** Null where there is nothing to take a spread from. */
  effect: TEffect | null;
  basis: MetricComparison['basis'];
  ranks: RankTest | null;
}

/** One value of a stored result, with the interval that its own run gives it. */
export interface RunValue {
  value: number | null;
  interval: { low: number; high: number } | null;
}

/** A ratio needs two numbers above zero: anything else is no value. */
export const usable = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

/** Pairs of one block each; a pair with a value missing is left out. */
export function effectOfPairs(pairs: readonly { a: number | null; b: number | null }[]): LogEffect {
  const whole = pairs.filter(
    (pair): pair is { a: number; b: number } => usable(pair.a) && usable(pair.b),
  );
  const logs = whole.map(({ a, b }) => Math.log(b / a));
  const effect = pairedEffect(logs);
  return {
    n: { a: whole.length, b: whole.length },
    a: geometricMean(whole.map(({ a }) => a)),
    b: geometricMean(whole.map(({ b }) => b)),
    estimate: logs.length === 0 ? null : logs.reduce((sum, log) => sum + log, 0) / logs.length,
    effect,
    basis: effect === null ? null : 'pairs',
    ranks: signedRankTest(logs),
  };
}

/**
 * Runs that have nothing in common but the load. With two or more on both sides Welch's t, with one
 * on one side a prediction from the spread of the others, with one on each the runs' own intervals.
 */
export function effectOfRuns(a: readonly RunValue[], b: readonly RunValue[]): LogEffect {
  const [ofA, ofB] = [a, b].map((side) => side.filter(({ value }) => usable(value))) as [
    RunValue[],
    RunValue[],
  ];
  const [logA, logB] = [ofA, ofB].map((side) =>
    side.map(({ value }) => Math.log(value as number)),
  ) as [number[], number[]];
  const common = {
    n: { a: ofA.length, b: ofB.length },
    a: geometricMean(ofA.map(({ value }) => value as number)),
    b: geometricMean(ofB.map(({ value }) => value as number)),
    ranks: rankSumTest(logA, logB),
  };
  if (logA.length === 0 || logB.length === 0) {
    return { ...common, estimate: null, effect: null, basis: null };
  }
  const estimate = meanOf(logB) - meanOf(logA);
  if (logA.length > 1 && logB.length > 1) {
    return { ...common, estimate, effect: independentEffect(logA, logB), basis: 'two-samples' };
  }
  if (logA.length > 1 || logB.length > 1) {
    const effect =
      logA.length > 1
        ? predictionEffect(logB[0] as number, logA)
        : predictionEffect(logA[0] as number, logB, -1);
    return { ...common, estimate, effect, basis: 'one-against-several' };
  }
  const standardError = Math.hypot(spreadOf(ofA[0]) ?? Number.NaN, spreadOf(ofB[0]) ?? Number.NaN);
  if (!Number.isFinite(standardError)) return { ...common, estimate, effect: null, basis: null };
  const effect = { estimate, standardError, df: Number.POSITIVE_INFINITY };
  return { ...common, estimate, effect, basis: 'within-run' };
}

/** Standard error of log(value) behind a 95 % interval. */
function spreadOf(run: RunValue | undefined): number | null {
  const interval = run?.interval ?? null;
  if (interval === null || !usable(interval.low) || !usable(interval.high)) return null;
  return Math.log(interval.high / interval.low) / (2 * normalQuantile(0.975));
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const geometricMean = (values: readonly number[]) =>
  values.length === 0 ? null : Math.exp(meanOf(values.map(Math.log)));
