import type { EngineSample, Envelope, LevelRun } from '../model/index.ts';

/** What a report may know: the result, nothing else. */
export interface ReportInput {
  envelope: Envelope;
  /** Raw records by level; empty where the record files are missing. */
  levels: readonly LevelRun[];
  /** What the engine said of itself over time, where it did. */
  engineSamples?: readonly EngineSample[];
  /** Where the result lies, for reports that name it. */
  outputDir?: string;
  /** Path of the HTML report beside it. */
  htmlPath?: string;
  /** Terminal width, for reports that are laid out in characters; 80 by default. */
  columns?: number;
  /** ANSI colours; false by default. */
  color?: boolean;
}

/** One way of showing a result. Pure: the same input gives the same bytes. */
export interface Report {
  /** What `--format` takes. */
  readonly id: string;
  readonly title: string;
  /** @throws BenchError `RESULT_*` when the result lacks what this report cannot do without. */
  render(input: ReportInput): string;
}
