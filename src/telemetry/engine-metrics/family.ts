import type { EngineReading } from '../../model/index.ts';

type TimeKey = 'queue' | 'prefill' | 'decode' | 'ttft' | 'e2e' | 'tpot';
export type NumberKey = Exclude<keyof EngineReading, TimeKey>;

/**
 * Where a number is found: names of which the first that the page has counts (engines rename
 * their metrics); an entry that is a list is the sum of its names, all of which have to be there.
 */
export type NumberNames = readonly (string | readonly string[])[];

/** The metrics of one engine as entries of the common vocabulary. What it does not have is left out. */
export interface MetricFamily {
  /** As `--engine` calls it. */
  readonly id: string;
  /** Beginning of the names by which a page is recognised. */
  readonly prefix: string;
  /** Where the names and their meaning come from, with the version. */
  readonly source: string;
  readonly numbers: Readonly<Partial<Record<NumberKey, NumberNames>>>;
  /**
   * Counters that the engine makes with their first event, and the name that is there from the start:
   * where that one is, a counter that is not counts 0.
   */
  readonly fromFirstEvent?: Readonly<Partial<Record<NumberKey, string>>>;
  /** Histograms and summaries of seconds, without `_sum` and `_count`. */
  readonly times: Readonly<Partial<Record<TimeKey, readonly string[]>>>;
  /** Series that repeat what others of the same name say already. */
  repeats?(labels: ReadonlyMap<string, string>): boolean;
}
