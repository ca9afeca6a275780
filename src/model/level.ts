import type { LoadFigures } from './client-figures.ts';
import type { Finding } from './finding.ts';
import type { LoadSpec } from './load.ts';
import type { RequestRecord } from './request-record.ts';

/** One level of load as it was run: the raw material of every number about it. */
export interface LevelRun {
  index: number;
  load: LoadSpec;
  /** Microseconds since the run's origin. */
  startUs: number;
  /** Counted are the requests intended in [windowStartUs, windowEndUs). */
  windowStartUs: number;
  windowEndUs: number;
  /** When the last counted request had ended. */
  endUs: number;
  planHash: string;
  requestsPlanned: number;
  /** partial: interrupted or stopped early; what is there is still true. */
  status: 'complete' | 'partial';
  /** Counted and tail requests, in order of index. */
  records: RequestRecord[];
  findings: Finding[];
  /** What the client measured of itself; absent where nothing did (virtual time, read from files). */
  client?: LoadFigures;
}
