import { createRng } from '../core/index.ts';
import { autocorrelationTime, blockLengthFor } from './dependence.ts';
import type { Passes } from './grouped-passes.ts';
import { type GroupTotals, influences } from './grouped-series.ts';
import { minimumForQuantile, orderStatisticRanks } from './order-statistic.ts';
import type { OrderedValues } from './ordered-values.ts';
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

/** What the intervals of a series are made of. */
export interface IntervalBasis {
  ordered: OrderedValues;
  means: GroupTotals;
  /** Mean square about the mean; infinite values as in `means`. */
  variance: number;
  /** For each quantile, then each tail quantile: the values of a group at or below it. */
  shares: readonly GroupTotals[];
}

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
 * Cost: `resamples` x at most 2000 draws for the mean and each quantile.
 */
export function* intervalsOf(
  { ordered, means, variance, shares: allShares }: IntervalBasis,
  options: BootstrapOptions,
): Passes<BootstrapResult> {
  const { quantiles, tailQuantiles = [], resamples = 1000, level = 0.95 } = options;
  const n = means.sums.length;
  const values = ordered.length;
  const meanTime = autocorrelationTime(influences(means));
  const meanSize = effectiveSize(means, meanTime, variance);
  const shares = [...quantiles, ...tailQuantiles].map((p, i) => {
    const totals = allShares[i] as GroupTotals;
    const time = autocorrelationTime(influences(totals));
    const own = effectiveSize(totals, time, totals.ratio * (1 - totals.ratio));
    // A handful of values beyond the quantile tells nothing about dependence: take the mean's too.
    const beyond = values * (1 - totals.ratio);
    const size = beyond < 10 ? Math.min(own, meanSize) : own;
    const needed = (n * minimumForQuantile(p, level)) / size;
    // The allowance is for rounding in a size that is the number of values.
    return { p, totals, time, size, needed: needed <= n * (1 + 1e-9) ? 0 : Math.ceil(needed) };
  });
  // Far tails enter by their effective size only: a few values there look dependent by chance.
  const times = shares.slice(0, quantiles.length).map(({ time }) => time);
  const blockLength = blockLengthFor(Math.max(meanTime, ...times));
  if (n / blockLength < minimumBlocks)
    return refuseAll(options, minimumBlocks * blockLength, blockLength);

  const rng = createRng(options.seed, `bootstrap/${options.purpose ?? ''}`);
  const draw = { length: Math.max(blockLength, Math.ceil(n / enoughBlocks)), resamples, rng };
  const tail = (1 - level) / 2;
  const mean =
    ordered.at(values - 1) === Infinity
      ? refuse(null)
      : clampTo(ordered, resampleMean(means, draw, tail));
  const ranks = shares.map(({ p, totals, size, needed }, i) => {
    if (needed > 0) return null;
    return i < quantiles.length
      ? resampleQuantile(totals, values, p, draw, tail)
      : orderStatisticRanks(values, p, size, level);
  });
  yield* ordered.find(ranks.flatMap((pair) => (pair === null ? [] : [pair.low, pair.high])));
  const intervals = ranks.map((pair, i) => {
    const needed = shares[i]?.needed as number;
    if (needed > 0) return refuse(needed);
    return (pair === null ? null : finiteInterval(ordered, pair)) ?? refuse(null);
  });
  return {
    mean,
    quantiles: intervals.slice(0, quantiles.length),
    tailQuantiles: intervals.slice(quantiles.length),
    blockLength,
  };
}

function refuse(neededGroups: number | null): GroupInterval {
  return { low: null, high: null, reason: 'too-short', neededGroups };
}

/** The same refusal for everything that was asked for. */
export function refuseAll(
  { quantiles, tailQuantiles = [] }: BootstrapOptions,
  neededGroups: number | null,
  blockLength: number,
): BootstrapResult {
  const interval = refuse(neededGroups);
  return {
    mean: interval,
    quantiles: quantiles.map(() => interval),
    tailQuantiles: tailQuantiles.map(() => interval),
    blockLength,
  };
}

/** The values of two ranks; null where the upper one is infinite. */
function finiteInterval(
  ordered: OrderedValues,
  ranks: { low: number; high: number },
): GroupInterval | null {
  const low = ordered.at(ranks.low) as number;
  const high = ordered.at(ranks.high) as number;
  return high === Infinity ? null : { low, high };
}

function clampTo(ordered: OrderedValues, interval: { low: number; high: number }): GroupInterval {
  const least = ordered.at(0) as number;
  const most = ordered.at(ordered.length - 1) as number;
  const clamp = (value: number) => Math.min(most, Math.max(least, value));
  return { low: clamp(interval.low), high: clamp(interval.high) };
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
