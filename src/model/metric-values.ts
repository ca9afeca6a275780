/**
 * Metric key (snake case with unit: `ttft_p50_ms`) to value. null = not measured or not
 * defined on this data; "inf" = infinite (only `*_adj_ms`, where failures count as +inf).
 */
export type MetricValues = Record<string, number | null | 'inf'>;

/** A 95 % confidence interval, or the reason why there is none. */
export type Interval =
  | { low: number; high: number; method: 'block-bootstrap' | 'order-statistics' }
  | { low: null; high: null; reason: 'too-short'; neededS: number | null };

export interface LevelMetrics {
  values: MetricValues;
  /** By metric key; only keys for which an interval is defined. */
  intervals: Record<string, Interval>;
  /** By metric key: `low-n` where the percentile rests on too few requests. */
  flags: Record<string, 'low-n'>;
  /** Tokens in a chunk -> number of chunks. */
  chunkSizes: Record<string, number>;
  /** Outcome -> requests, counted ones only. */
  outcomes: Record<string, number>;
  /** By metric key: why it is null, where more is known than that nothing was measured. */
  reasons?: Record<string, string>;
}
