import type { Interval, LevelMetrics } from '../model/index.ts';
import {
  type BootstrapOptions,
  describeSeries,
  type GroupInterval,
  type GroupsDescription,
  groupCount,
} from '../stats/index.ts';
import {
  adjustedKey,
  type DistributionMetric,
  isPercentile,
  type Percentile,
  percentiles,
  type RequestDistribution,
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
const allPercentiles = Object.keys(percentiles) as Percentile[];

/** What `describeGroups` is asked for so that these statistics can be written. */
export function describeOptionsFor(
  purpose: string,
  wanted: readonly Statistic[],
  { seed, resamples }: ResampleOptions,
): BootstrapOptions {
  const shares = (of: readonly Percentile[]) =>
    of.filter((percentile) => wanted.includes(percentile)).map((p) => percentiles[p]);
  return {
    quantiles: shares(byBootstrap),
    tailQuantiles: shares(byOrderStatistics),
    seed,
    purpose,
    ...(resamples === undefined ? {} : { resamples }),
  };
}

/** Writes every statistic of a value per request, its intervals and its flags. */
export function summarizeRequests(
  metric: RequestDistribution,
  facts: LevelFacts,
  options: ResampleOptions,
  sink: Sink,
): void {
  const series = metric.collect(facts);
  const asked = describeOptionsFor(metric.id, metric.statistics, options);
  writeDistribution(metric, describeSeries(series, asked), groupCount(series), facts, sink);
  if (!metric.collectAdjusted) return;
  const keyOf = (statistic: Statistic) => statisticKey(metric, statistic);
  const adjustedKeyOf = (statistic: Statistic) => adjustedKey(metric, statistic as Percentile);
  if (facts.failed.length === 0) {
    // Nothing to adjust: the same numbers, not a second draw of the same intervals.
    for (const p of allPercentiles) copyKey(sink, keyOf(p), adjustedKeyOf(p));
    return;
  }
  const adjusted = metric.collectAdjusted(facts);
  const description = describeSeries(
    adjusted,
    describeOptionsFor(`${metric.id}_adj`, allPercentiles, options),
  );
  const groups = groupCount(adjusted);
  writePercentiles(description, groups, allPercentiles, adjustedKeyOf, facts, sink);
}

/**
 * Writes the statistics that a metric has.
 *
 * @param groups that were described: requests.
 */
export function writeDistribution(
  metric: DistributionMetric,
  description: GroupsDescription,
  groups: number,
  facts: LevelFacts,
  sink: Sink,
): void {
  const keyOf = (statistic: Statistic) => statisticKey(metric, statistic);
  for (const statistic of metric.statistics) {
    if (!isPercentile(statistic)) sink.values[keyOf(statistic)] = description[statistic] ?? null;
  }
  if (metric.statistics.includes('mean')) {
    addInterval(
      sink,
      keyOf('mean'),
      description.intervals.mean,
      'block-bootstrap',
      secondsPerGroup(facts, groups),
    );
  }
  writePercentiles(description, groups, metric.statistics, keyOf, facts, sink);
  if (!metric.tailRatio) return;
  const p99 = sink.values[keyOf('p99')];
  const p50 = sink.values[keyOf('p50')];
  sink.values[tailRatioKey(metric)] =
    typeof p99 === 'number' && typeof p50 === 'number' && p50 > 0 ? p99 / p50 : null;
}

/**
 * n counts requests, also where each gives many values: values of one request are not independent.
 * null below n = 1 / (1 - p), flagged below 10 / (1 - p).
 */
function writePercentiles(
  { filled, quantiles, intervals }: GroupsDescription,
  groups: number,
  wanted: readonly Statistic[],
  keyOf: (percentile: Percentile) => string,
  facts: LevelFacts,
  sink: Sink,
): void {
  const seconds = secondsPerGroup(facts, groups);
  const bootstrapped = byBootstrap.filter((percentile) => wanted.includes(percentile));
  const ordered = byOrderStatistics.filter((percentile) => wanted.includes(percentile));
  [...bootstrapped, ...ordered].forEach((percentile, i) => {
    // Rounded: 1 / (1 - 0.99) is 99.99999999999991.
    const minimum = Math.round(1 / (1 - percentiles[percentile]));
    const value = filled < minimum ? undefined : quantiles[i];
    const key = keyOf(percentile);
    sink.values[key] = value === undefined ? null : value === Infinity ? 'inf' : value;
    if (value !== undefined && filled < 10 * minimum) sink.flags[key] = 'low-n';
  });
  bootstrapped.forEach((p, i) => {
    addInterval(sink, keyOf(p), intervals.quantiles[i], 'block-bootstrap', seconds);
  });
  ordered.forEach((p, i) => {
    addInterval(sink, keyOf(p), intervals.tailQuantiles[i], 'order-statistics', seconds);
  });
}

function copyKey(sink: Sink, from: string, to: string): void {
  sink.values[to] = sink.values[from] ?? null;
  const interval = sink.intervals[from];
  if (interval) sink.intervals[to] = interval;
  const flag = sink.flags[from];
  if (flag) sink.flags[to] = flag;
}

function secondsPerGroup({ run }: LevelFacts, groups: number): number | null {
  const window = windowSeconds(run);
  return window === null || groups === 0 ? null : window / groups;
}

/** Where there is none: the duration that would do, at the rate of requests that this level had. */
function addInterval(
  sink: Sink,
  key: string,
  interval: GroupInterval | undefined,
  method: 'block-bootstrap' | 'order-statistics',
  seconds: number | null,
): void {
  if (interval === undefined) return;
  const neededS = (groups: number | null) =>
    groups === null || seconds === null ? null : groups * seconds;
  const written: Interval =
    interval.low === null
      ? { low: null, high: null, reason: 'too-short', neededS: neededS(interval.neededGroups) }
      : { low: interval.low, high: interval.high, method };
  sink.intervals[key] = written;
}
