import type { LevelMetrics, LevelRun, RequestRecord, SloTemplate } from '../model/index.ts';
import { describeGroups } from '../stats/index.ts';
import { gatherChunkFigures } from './chunk-figures.ts';
import { createChunkLooks } from './chunk-looks.ts';
import { type ChunkDistribution, keysOf, type MetricDefinition } from './definition.ts';
import { metricDefinitions } from './definitions/index.ts';
import { describeOptionsFor, summarizeRequests, writeDistribution } from './distribution.ts';
import { gatherFacts } from './level-facts.ts';
import { selectRequests } from './selected-requests.ts';

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

const isOfChunks = (metric: MetricDefinition): metric is ChunkDistribution =>
  metric.kind === 'distribution' && metric.of === 'chunks';

/**
 * Every metric of one level, from its records alone. Only counted records enter, except for
 * rates and for concurrency, which are taken over time whichever request the event is of.
 * Chunks are looked at a few times and never held: records may decode them at each look.
 */
export function summarizeLevel(run: LevelRun, options: SummarizeOptions): LevelMetrics {
  const selected = selectRequests(run);
  const { records, ok, counted } = selected;
  const ofChunks = metricDefinitions.filter(isOfChunks);
  const looks = createChunkLooks(
    ofChunks.map(({ id, statistics, fill }) => ({
      fill,
      passes: describeGroups(ok.length, describeOptionsFor(id, statistics, options)),
    })),
  );
  const chunks = gatherChunkFigures(selected, looks.show);
  while (looks.next()) {
    ok.forEach((at, group) => {
      looks.show((records[at] as RequestRecord).chunks, group);
    });
  }
  const facts = gatherFacts(run, options.slo, options.lengthEnforced ?? true, selected, chunks);

  const metrics: LevelMetrics = {
    // Keys first: whatever is computed in between, the order is that of metricKeys().
    values: Object.fromEntries(metricKeys().map((key) => [key, null])),
    intervals: {},
    flags: {},
    chunkSizes: Object.fromEntries(chunks.sizes),
    outcomes: {},
  };
  for (const metric of metricDefinitions) {
    if (metric.kind === 'scalar') metrics.values[metric.id] = metric.compute(facts);
    else if (metric.of === 'requests') summarizeRequests(metric, facts, options, metrics);
  }
  const descriptions = looks.results();
  ofChunks.forEach((metric, i) => {
    const description = descriptions[i];
    if (description) writeDistribution(metric, description, ok.length, facts, metrics);
  });
  for (const at of counted) {
    const { outcome } = records[at] as RequestRecord;
    metrics.outcomes[outcome] = (metrics.outcomes[outcome] ?? 0) + 1;
  }
  return metrics;
}
