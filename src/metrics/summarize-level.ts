import type { LevelMetrics, LevelRun, SloTemplate } from '../model/index.ts';
import { keysOf } from './definition.ts';
import { metricDefinitions } from './definitions/index.ts';
import { summarizeDistribution } from './distribution.ts';
import { gatherFacts } from './level-facts.ts';

export interface SummarizeOptions {
  /** Decides goodput and attainment; null leaves them null. */
  slo: SloTemplate | null;
  /** Of the bootstrap: the same run and seed give the same intervals, bit by bit. */
  seed: number;
  /** Default 1000. */
  resamples?: number;
  /**
   * The server was told to produce exactly the output tokens asked for (`ignore_eos`), so that a
   * shorter output is a fault: it is counted in `requests_short` and left out of goodput.
   * Default true. Otherwise short outputs are natural and `requests_short` is null.
   */
  lengthEnforced?: boolean;
}

/** Every key that `summarizeLevel` puts into `values`, in the order of display. */
export function metricKeys(): string[] {
  return metricDefinitions.flatMap(keysOf);
}

/**
 * Every metric of one level, from its records alone. Only counted records enter, except for
 * rates and for concurrency, which are taken over time whichever request the event is of.
 */
export function summarizeLevel(run: LevelRun, options: SummarizeOptions): LevelMetrics {
  const facts = gatherFacts(run, options.slo, options.lengthEnforced ?? true);
  const metrics: LevelMetrics = {
    // Keys first: whatever is computed in between, the order is that of metricKeys().
    values: Object.fromEntries(metricKeys().map((key) => [key, null])),
    intervals: {},
    flags: {},
    chunkSizes: {},
    outcomes: {},
  };
  for (const metric of metricDefinitions) {
    if (metric.kind === 'scalar') metrics.values[metric.id] = metric.compute(facts);
    else summarizeDistribution(metric, facts, options, metrics);
  }
  for (const { chunks } of facts.ok) {
    for (let i = 0; i < chunks.tokens.length; i++) {
      const size = String(chunks.tokens[i]);
      metrics.chunkSizes[size] = (metrics.chunkSizes[size] ?? 0) + 1;
    }
  }
  for (const { outcome } of facts.counted) {
    metrics.outcomes[outcome] = (metrics.outcomes[outcome] ?? 0) + 1;
  }
  return metrics;
}
