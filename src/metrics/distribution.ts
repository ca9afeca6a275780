import type { Interval, LevelMetrics } from '../model/index.ts';
import {
  bootstrapIntervals,
  type GroupedSeries,
  type GroupInterval,
  groupCount,
  mean,
  quantile,
  sortedCopy,
  stdev,
} from '../stats/index.ts';
import {
  adjustedKey,
  type DistributionMetric,
  isPercentile,
  type Percentile,
  percentiles,
  type Statistic,
  statisticKey,
  tailRatioKey,
} from './definition.ts';
import { type LevelFacts, windowSeconds } from './level-facts.ts';

export interface ResampleOptions {
  seed: number;
  resamples?: number;
}

type Sink = Pick<LevelMetrics, 'values' | 'intervals' | 'flags'>;

/** p95 and above rest on few values each: order statistics, not resampling. */
const byBootstrap: readonly Percentile[] = ['p50', 'p75', 'p90'];
const byOrderStatistics: readonly Percentile[] = ['p95', 'p99', 'p99_9'];

/** Writes every statistic of a distribution, its intervals and its flags. */
export function summarizeDistribution(
  metric: DistributionMetric,
  facts: LevelFacts,
  options: ResampleOptions,
  sink: Sink,
): void {
  const keyOf = (statistic: Statistic) => statisticKey(metric, statistic);
  const series = metric.collect(facts);
  const sorted = sortedCopy(series.values);
  for (const statistic of metric.statistics) {
    if (isPercentile(statistic)) continue;
    sink.values[keyOf(statistic)] =
      (statistic === 'mean'
        ? mean(sorted)
        : statistic === 'stdev'
          ? stdev(sorted)
          : sorted.at(-1)) ?? null;
  }
  const wanted = metric.statistics.filter(isPercentile);
  addPercentiles(series, sorted, wanted, keyOf, sink);
  addIntervals(metric.id, series, sorted, metric.statistics, keyOf, facts, options, sink);
  if (metric.tailRatio) {
    const p99 = sink.values[keyOf('p99')];
    const p50 = sink.values[keyOf('p50')];
    sink.values[tailRatioKey(metric)] =
      typeof p99 === 'number' && typeof p50 === 'number' && p50 > 0 ? p99 / p50 : null;
  }
  if (!metric.collectAdjusted) return;
  const all = Object.keys(percentiles) as Percentile[];
  const adjustedKeyOf = (statistic: Statistic) => adjustedKey(metric, statistic as Percentile);
  if (facts.failed.length === 0) {
    // Nothing to adjust: the same numbers, not a second draw of the same intervals.
    for (const percentile of all) copyKey(sink, keyOf(percentile), adjustedKeyOf(percentile));
    return;
  }
  const adjusted = metric.collectAdjusted(facts);
  const adjustedSorted = sortedCopy(adjusted.values);
  addPercentiles(adjusted, adjustedSorted, all, adjustedKeyOf, sink);
  addIntervals(
    `${metric.id}_adj`,
    adjusted,
    adjustedSorted,
    all,
    adjustedKeyOf,
    facts,
    options,
    sink,
  );
}

function copyKey(sink: Sink, from: string, to: string): void {
  sink.values[to] = sink.values[from] ?? null;
  const interval = sink.intervals[from];
  if (interval) sink.intervals[to] = interval;
  const flag = sink.flags[from];
  if (flag) sink.flags[to] = flag;
}

/**
 * n counts requests, also where each gives many values: values of one request are not independent.
 * null below n = 1 / (1 - p), flagged below 10 / (1 - p).
 */
function addPercentiles(
  series: GroupedSeries,
  sorted: Float64Array,
  wanted: readonly Percentile[],
  keyOf: (percentile: Percentile) => string,
  sink: Sink,
): void {
  let requests = 0;
  for (let g = 0; g < groupCount(series); g++) {
    if ((series.offsets[g + 1] as number) > (series.offsets[g] as number)) requests++;
  }
  for (const percentile of wanted) {
    const p = percentiles[percentile];
    // Rounded: 1 / (1 - 0.99) is 99.99999999999991.
    const minimum = Math.round(1 / (1 - p));
    const value = requests < minimum ? undefined : quantile(sorted, p);
    const key = keyOf(percentile);
    sink.values[key] = value === undefined ? null : value === Infinity ? 'inf' : value;
    if (value !== undefined && requests < 10 * minimum) sink.flags[key] = 'low-n';
  }
}

function addIntervals(
  purpose: string,
  series: GroupedSeries,
  sorted: Float64Array,
  wanted: readonly Statistic[],
  keyOf: (statistic: Statistic) => string,
  facts: LevelFacts,
  { seed, resamples }: ResampleOptions,
  sink: Sink,
): void {
  const bootstrapped = byBootstrap.filter((percentile) => wanted.includes(percentile));
  const ordered = byOrderStatistics.filter((percentile) => wanted.includes(percentile));
  const result = bootstrapIntervals(series, {
    quantiles: bootstrapped.map((percentile) => percentiles[percentile]),
    tailQuantiles: ordered.map((percentile) => percentiles[percentile]),
    seed,
    purpose,
    sorted,
    ...(resamples === undefined ? {} : { resamples }),
  });
  const window = windowSeconds(facts.run);
  const groups = groupCount(series);
  const secondsPerGroup = window === null || groups === 0 ? null : window / groups;
  const add = (
    statistic: Statistic,
    interval: GroupInterval | undefined,
    method: 'block-bootstrap' | 'order-statistics',
  ) => {
    if (interval) sink.intervals[keyOf(statistic)] = inSeconds(interval, method, secondsPerGroup);
  };
  if (wanted.includes('mean')) add('mean', result.mean, 'block-bootstrap');
  bootstrapped.forEach((percentile, i) => {
    add(percentile, result.quantiles[i], 'block-bootstrap');
  });
  ordered.forEach((percentile, i) => {
    add(percentile, result.tailQuantiles[i], 'order-statistics');
  });
}

/** The duration that would do, at the rate of requests that this level had. */
function inSeconds(
  interval: GroupInterval,
  method: 'block-bootstrap' | 'order-statistics',
  secondsPerGroup: number | null,
): Interval {
  if (interval.low !== null) return { low: interval.low, high: interval.high, method };
  const { neededGroups } = interval;
  const neededS =
    neededGroups === null || secondsPerGroup === null ? null : neededGroups * secondsPerGroup;
  return { low: null, high: null, reason: 'too-short', neededS };
}
