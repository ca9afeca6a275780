import type { LevelRun, SloTemplate } from '../../model/index.ts';

/** One figure as another tool would print it. */
export interface PeerMetric {
  /** As that tool writes it. */
  key: string;
  unit: string;
  /** null where that tool has none, or would print something that was not measured. */
  value: number | null;
  /** The key here that goes by the same name, for a look at both; null where there is none. */
  ours: string | null;
}

/** Where a metric of the same name is something else there. */
export interface PeerDifference {
  /** Id of the metric here. */
  metric: string;
  /** Its name there. */
  theirs: string;
  /** What is done otherwise there, in a sentence. */
  difference: string;
  /** Where that can be read. */
  source: string;
}

/** The rules of another load generator, over the records of this one. */
export interface PeerTool {
  /** What `--definitions` takes. */
  readonly id: string;
  readonly title: string;
  /** The state of that tool that the rules were taken from. */
  readonly basis: string;
  /** What records cannot give back, so that its own numbers may differ all the same. */
  readonly limits: readonly string[];
  readonly differences: readonly PeerDifference[];
  /** Counted requests of one level, in the order in which that tool prints its figures. */
  summarize(run: LevelRun, slo: SloTemplate | null): PeerMetric[];
}
