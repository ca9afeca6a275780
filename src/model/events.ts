import type { LevelSummary } from './envelope.ts';
import type { Finding } from './finding.ts';
import type { LoadSpec } from './load.ts';

/** What a running command tells whoever shows it (live panel, plain lines, web feed). */
export type RunEvent =
  | { kind: 'phase'; name: RunPhase; message: string }
  | { kind: 'log'; message: string }
  | { kind: 'download'; what: string; doneBytes: number; totalBytes: number | null }
  /** `requests` is null where time alone limits the level. */
  | { kind: 'level-start'; index: number; levels: number; load: LoadSpec; requests: number | null }
  | { kind: 'progress'; progress: LevelProgress }
  | { kind: 'level-end'; summary: LevelSummary }
  | { kind: 'finding'; finding: Finding };

export type RunPhase =
  | 'install'
  | 'engine'
  | 'preflight'
  | 'warm-up'
  | 'capacity'
  | 'calibrate'
  | 'measure'
  | 'report';

/** The state of the running level, a few times a second. Unknown is null, not 0. */
export interface LevelProgress {
  level: number;
  elapsedS: number;
  etaS: number | null;
  sent: number;
  done: number;
  failed: number;
  planned: number;
  inFlight: number;
  offeredRps: number | null;
  achievedRps: number | null;
  ttftP50Ms: number | null;
  ttftP99Ms: number | null;
  itlP50Ms: number | null;
  itlP99Ms: number | null;
  outputTokensPerS: number | null;
}

export type EmitRunEvent = (event: RunEvent) => void;
