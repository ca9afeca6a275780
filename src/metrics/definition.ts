import type { GroupedSeries } from '../stats/index.ts';
import type { FillValues } from './group-values.ts';
import type { LevelFacts } from './level-facts.ts';

interface MetricText {
  /** The metric key, or for a distribution the stem of its keys. */
  id: string;
  title: string;
  /** `ms`, `tok/s`, `req/s`, `tokens`, `requests`, `share` (0 to 1), `requests in flight`. */
  unit: string;
  better: 'lower' | 'higher' | null;
  description: string;
  /** N: output tokens of a request; t(x): the moment of x. */
  formula: string;
  /** Where the definition comes from. */
  source: string;
}

/** One figure per level; its id is its key. */
export interface ScalarMetric extends MetricText {
  kind: 'scalar';
  /** null = not measured or not defined on this data. */
  compute(facts: LevelFacts): number | null;
}

/** Statistics of a distribution; each gives a key `<id>_<statistic>_<unit>`. */
export const statistics = [
  'mean',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p99_9',
  'max',
  'stdev',
] as const;
export type Statistic = (typeof statistics)[number];

interface DistributionText extends MetricText {
  kind: 'distribution';
  statistics: readonly Statistic[];
  /** Also `<id>_tail_ratio`, p99 / p50. */
  tailRatio: boolean;
}

/** Many values per level, one or none for each request, in order of intended time. */
export interface RequestDistribution extends DistributionText {
  of: 'requests';
  collect(facts: LevelFacts): GroupedSeries;
  /** Gives the `<id>_p.._adj_ms` keys: one value per request, +Infinity for a failed one. */
  collectAdjusted?(facts: LevelFacts): GroupedSeries;
}

/** Values from the chunks of each request that succeeded: too many to hold. */
export interface ChunkDistribution extends DistributionText {
  of: 'chunks';
  fill: FillValues;
}

export type DistributionMetric = RequestDistribution | ChunkDistribution;
export type MetricDefinition = ScalarMetric | DistributionMetric;

export const percentiles = {
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  p99_9: 0.999,
} as const;
export type Percentile = keyof typeof percentiles;

export function isPercentile(statistic: Statistic): statistic is Percentile {
  return Object.hasOwn(percentiles, statistic);
}

/** `tok/s` as part of a key. */
const unitSuffix = (metric: DistributionMetric) => metric.unit.replaceAll('/', '_');

export function statisticKey(metric: DistributionMetric, statistic: Statistic): string {
  return `${metric.id}_${statistic}_${unitSuffix(metric)}`;
}

export function adjustedKey(metric: DistributionMetric, percentile: Percentile): string {
  return `${metric.id}_${percentile}_adj_${unitSuffix(metric)}`;
}

export function tailRatioKey(metric: DistributionMetric): string {
  return `${metric.id}_tail_ratio`;
}

/** Every key that a definition puts into a result. */
export function keysOf(metric: MetricDefinition): string[] {
  if (metric.kind === 'scalar') return [metric.id];
  return [
    ...metric.statistics.map((statistic) => statisticKey(metric, statistic)),
    ...(metric.tailRatio ? [tailRatioKey(metric)] : []),
    ...(metric.of === 'requests' && metric.collectAdjusted
      ? (Object.keys(percentiles) as Percentile[]).map((p) => adjustedKey(metric, p))
      : []),
  ];
}

/** What every latency in milliseconds has in common: all statistics. */
export const latency = {
  kind: 'distribution',
  unit: 'ms',
  better: 'lower',
  statistics,
  tailRatio: true,
} as const satisfies Partial<DistributionMetric>;
