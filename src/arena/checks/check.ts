import type { ScenarioSize, TrialCheck } from '../../model/index.ts';
import type {
  Answer,
  Ask,
  AskedServer,
  CallTrace,
  LaunchTrace,
  Oracle,
  Traffic,
  Untraced,
  WeightsPass,
} from '../judge/ports.ts';
import type { QuestionSet } from './questions.ts';

/**
 * One thing that the judge looks at. Checks look at what a server does, by its answers, its clock
 * and its processes; how a cheat might be written is no business of theirs.
 *
 * Only a `fail` voids a score, so a check fails what no honest server on a busy machine does, and
 * flags what is merely odd.
 */
export interface Check {
  readonly id: string;
  readonly kind: TrialCheck['kind'];
  /** A required check that did not run is an infra error. */
  required(size: ScenarioSize): boolean;
  /** Wants a launch of its own under a tracer: decided last, and only where no other has failed. */
  readonly traced?: true;
  /** One trial's state of it. */
  open(): CheckRun;
}

export interface CheckRun {
  /** While the reference is up and the server is not: makes what will be asked. */
  prepare?(prep: Preparation): Promise<void>;
  /** On the first launch, untimed. */
  probe?(lab: Lab): Promise<void>;
  /** On the second launch, in front of the timed traffic. */
  probeRelaunch?(lab: Lab): Promise<void>;
  /** On the second launch, behind the timed traffic. */
  probeAfter?(lab: Lab): Promise<void>;
  /** Once everything was asked; the reference is up again. */
  verdict(evidence: Evidence): Promise<CheckVerdict>;
}

export interface CheckVerdict {
  verdict: TrialCheck['verdict'];
  evidence: string;
}

export interface Preparation {
  size: ScenarioSize;
  oracle: Oracle;
  /** The reference itself, for answers to compare with. */
  reference: AskedServer;
  /** What the quality gate draws from. */
  questions: QuestionSet;
  /** Whole numbers from the final seed, different for each purpose. */
  seedOf(purpose: string): number;
  /** A message of the form that all traffic has. @param tail text at its end, counted in */
  makeAsk(options: AskOptions): Promise<Ask>;
}

export interface AskOptions {
  seed: number;
  inputTokens: number;
  outputTokens: number;
  temperature?: number;
  /** Text in front of, and behind, the made-up text; their tokens count. */
  head?: string;
  /** Where in the made-up text it stands instead: 0 = in front of it, up to 1 = behind it. */
  headAt?: number;
  tail?: string;
}

export interface Lab {
  server: AskedServer;
  /** One after the other unless said otherwise. @param patience see Traffic */
  ask(id: string, asks: readonly Ask[], inFlight?: number, patience?: number): Promise<Answer[]>;
}

export interface Evidence {
  size: ScenarioSize;
  oracle: Oracle;
  /** Traffic whose speed counts, by profile. */
  timed: readonly { traffic: Traffic; answers: readonly Answer[] }[];
  /**
   * Timed answers beside the reference's to the same requests: all of them, or of a stored reference
   * those that it was asked again.
   */
  pairs: readonly AnswerPair[];
  /** Share of the reference's timed answers that begin like another one; null = not known. */
  referenceAlike: number | null;
  /** Of the timed traffic, in none of the above: requests that can be told right from wrong. */
  canaries: readonly Answer[];
  /** Of the quality gate. */
  gate: readonly Answer[];
  /** Every answer of the judged server: probes, gate and timed. */
  all: readonly Answer[];
  /** A launch each. */
  traces: readonly LaunchTrace[];
  files: readonly CollectedFile[];
  /** Null = the model could not be read. */
  model: { before: string; after: string } | null;
  /** The least time of a forward pass here; `unknown` says why there is none. */
  weights: WeightsPass | { unknown: string };
  /** What a traced launch did. */
  calls: CallTrace | Untraced;
  /** Own token counts of answers, each text counted once. */
  countOutput(answers: readonly Answer[]): Promise<number[]>;
}

/** Two answers to one request. */
export interface AnswerPair {
  own: Answer;
  reference: Answer;
}

export interface CollectedFile {
  path: string;
  bytes: number;
  /** Null for what is not text, and for more than 1 MiB. */
  text: string | null;
}

export const pass = (evidence: string): CheckVerdict => ({ verdict: 'pass', evidence });
export const flag = (evidence: string): CheckVerdict => ({ verdict: 'flag', evidence });
export const fail = (evidence: string): CheckVerdict => ({ verdict: 'fail', evidence });
export const notRun = (evidence: string): CheckVerdict => ({ verdict: 'not_run', evidence });

export const always = () => true;
export const never = () => false;
