import type { AskedQuestions, MeasuredLaunch } from '../../model/index.ts';
import type { Evidence } from '../checks/check.ts';
import type { TokenMatch } from '../checks/token-match.ts';
import type { Collected } from './collect.ts';
import type { Answer, LaunchTrace } from './ports.ts';
import type { TimedSide } from './raise-rate.ts';
import type { ReferenceTimed } from './reference-subset.ts';

/** What is known of a trial so far: its stages fill it in. */
export class KnownSoFar {
  collected: Collected | null = null;
  finalSeed: string | null = null;
  readonly model: { before: string | null; after: string | null } = { before: null, after: null };
  readonly readyMs: number[] = [];
  readonly traces: LaunchTrace[] = [];
  readonly all: Answer[] = [];
  readonly gate: Answer[] = [];
  timed: TimedSide[] = [];
  /** With a stored reference only what had to be measured again. */
  referenceTimed: (ReferenceTimed & TimedSide)[] = [];
  /** Greedy answers of a stored reference to some of the timed requests. */
  referenceAgain: TimedSide[] = [];
  weights: Evidence['weights'] = { unknown: 'it never came to that' };
  aloneP50Ms: number | null = null;
  questions: AskedQuestions | null = null;
  match: TokenMatch | null = null;
  launches: MeasuredLaunch[] = [];
  referenceLaunches: MeasuredLaunch[] = [];
}
