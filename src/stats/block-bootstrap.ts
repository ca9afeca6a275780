import { createRng } from '../core/index.ts';
import { autocorrelationTime, blockLengthFor } from './dependence.ts';
import {
  type GroupedSeries,
  type GroupTotals,
  groupCount,
  groupTotals,
  influences,
} from './grouped-series.ts';
import { minimumForQuantile, orderStatisticInterval } from './order-statistic.ts';
import { quantile, sortedCopy } from './quantile.ts';
import { resampleMean, resampleQuantile } from './resample-blocks.ts';

/** An interval, or how many groups a series of this kind needs for one (null: cannot be told). */
export type GroupInterval =
  | { low: number; high: number }
  | { low: null; high: null; reason: 'too-short'; neededGroups: number | null };

export interface BootstrapOptions {
  /** Quantiles that get a bootstrap interval, each in (0, 1). */
  quantiles: readonly number[];
  /** Quantiles that get an order-statistics interval on the effective sample size. */
  tailQuantiles?: readonly number[];
  seed: number;
  /** Names the random stream: give each series of a run its own. */
  purpose?: string;
  /** Default 1000. */
  resamples?: number;
  /** Coverage, default 0.95. */
  level?: number;
  /** The values in ascending order, where the caller has them. */
  sorted?: Float64Array;
}

export interface BootstrapResult {
  mean: GroupInterval;
  /** As `options.quantiles`. */
  quantiles: GroupInterval[];
  /** As `options.tailQuantiles`. */
  tailQuantiles: GroupInterval[];
  /** Groups in a block that holds the dependence; what `minimumBlocks` is counted in. */
  blockLength: number;
}

/** With fewer independent blocks than this there is no interval. */
const minimumBlocks = 20;

/** Blocks may be longer than dependence asks; more than this many add cost, not precision. */
const enoughBlocks = 2000;

/**
 * Block bootstrap of the mean and of quantiles of a series of groups in order of intended time.
 *
 * Blocks of consecutive groups (circular, Politis & Romano 1992) are drawn with replacement; their
 * length follows the largest autocorrelation time among the groups' influences on the mean and the
 * quantiles (1 for independent data). The mean gets a studentised interval (Goetze & Kuensch 1996), which
 * holds for skewed data where percentile intervals fall short. For a quantile the share of values
 * at or below it is resampled, and the spread of that share is read back through the empirical
 * distribution, as order statistics do: no density is estimated and ties do no harm.
 *
 * Cost: one pass over the values per quantile and `resamples` x at most 2000 draws.
 */
export function bootstrapIntervals(
  series: GroupedSeries,
  options: BootstrapOptions,
): BootstrapResult {
  const { quantiles, tailQuantiles = [], resamples = 1000, level = 0.95 } = options;
  const n = groupCount(series);
  const sorted = options.sorted ?? sortedCopy(series.values);
  const allOf = (interval: GroupInterval, blockLength: number): BootstrapResult => ({
    mean: interval,
    quantiles: quantiles.map(() => interval),
    tailQuantiles: tailQuantiles.map(() => interval),
    blockLength,
  });
  if (sorted.length === 0) return allOf(refuse(null), 1);

  const score = finiteScore(sorted);
  const means = groupTotals(series, score);
  const meanTime = autocorrelationTime(influences(means));
  const meanSize = effectiveSize(means, meanTime, varianceAbout(series, means.ratio, score));
  const shares = [...quantiles, ...tailQuantiles].map((p) => {
    const at = quantile(sorted, p) as number;
    const totals = groupTotals(series, (value) => (value <= at ? 1 : 0));
    const time = autocorrelationTime(influences(totals));
    const variance = totals.ratio * (1 - totals.ratio);
    const own = effectiveSize(totals, time, variance);
    // A handful of values beyond the quantile tells nothing about dependence: take the mean's too.
    const beyond = sorted.length * (1 - totals.ratio);
    const size = beyond < 10 ? Math.min(own, meanSize) : own;
    const needed = (n * minimumForQuantile(p, level)) / size;
    // The allowance is for rounding in a size that is the number of values.
    return { p, totals, time, size, needed: needed <= n * (1 + 1e-9) ? 0 : Math.ceil(needed) };
  });
  // Far tails enter by their effective size only: a few values there look dependent by chance.
  const times = shares.slice(0, quantiles.length).map(({ time }) => time);
  const blockLength = blockLengthFor(Math.max(meanTime, ...times));
  if (n / blockLength < minimumBlocks)
    return allOf(refuse(minimumBlocks * blockLength), blockLength);

  const rng = createRng(options.seed, `bootstrap/${options.purpose ?? ''}`);
  const draw = { length: Math.max(blockLength, Math.ceil(n / enoughBlocks)), resamples, rng };
  const tail = (1 - level) / 2;
  return {
    mean:
      sorted.at(-1) === Infinity ? refuse(null) : clampTo(sorted, resampleMean(means, draw, tail)),
    quantiles: shares
      .slice(0, quantiles.length)
      .map(({ p, totals, needed }) =>
        needed > 0
          ? refuse(needed)
          : (resampleQuantile(totals, sorted, p, draw, tail) ?? refuse(null)),
      ),
    tailQuantiles: shares
      .slice(quantiles.length)
      .map(({ p, size, needed }) =>
        needed > 0
          ? refuse(needed)
          : (orderStatisticInterval(sorted, p, size, level) ?? refuse(null)),
      ),
    blockLength,
  };
}

function refuse(neededGroups: number | null): GroupInterval {
  return { low: null, high: null, reason: 'too-short', neededGroups };
}

function clampTo(sorted: Float64Array, interval: { low: number; high: number }): GroupInterval {
  const clamp = (value: number) =>
    Math.min(sorted.at(-1) as number, Math.max(sorted[0] as number, value));
  return { low: clamp(interval.low), high: clamp(interval.high) };
}

/** Infinite values (failures) take part in dependence as twice the largest finite value. */
function finiteScore(sorted: Float64Array): (value: number) => number {
  if (sorted.at(-1) !== Infinity) return (value) => value;
  const cap = 2 * Math.max(1, sorted.findLast((value) => value !== Infinity) ?? 1);
  return (value) => (value === Infinity ? cap : value);
}

function varianceAbout(
  series: GroupedSeries,
  centre: number,
  score: (value: number) => number,
): number {
  let sum = 0;
  for (const value of series.values) sum += (score(value) - centre) ** 2;
  return sum / series.values.length;
}

/**
 * Values x (variance if all were independent) / (variance with groups as clusters and dependence
 * between them); at most the number of values.
 */
function effectiveSize(totals: GroupTotals, time: number, variance: number): number {
  const n = totals.sums.length;
  let values = 0;
  let clustered = 0;
  for (let g = 0; g < n; g++) {
    const count = totals.counts[g] as number;
    values += count;
    clustered += ((totals.sums[g] as number) - totals.ratio * count) ** 2;
  }
  if (clustered === 0 || variance <= 1e-20 * totals.ratio ** 2) return values;
  return values * Math.min(1, (values * variance) / (clustered * time));
}
