import type {
  AskedQuestions,
  HeldLimit,
  MeasuredLaunch,
  MeasuredState,
  ReferenceSubset,
  ScenarioClass,
  TrialGround,
  TrialOutcome,
  TrialResult,
} from '../../model/index.ts';
import type { QuestionSet } from '../checks/questions.ts';
import type { StoredScenario } from '../scenario/read-scenario.ts';

/** What is to be judged. */
export interface JudgeOrder {
  stored: StoredScenario;
  class: ScenarioClass;
  /** The folder with start_server.sh; only read. */
  submissionDir: string;
  /** Where the collected files go; must not exist or be empty. Nothing of the judge is kept there. */
  collectDir: string;
  /** Drawn and committed to before the trial: the final seed follows from it and the submission. */
  secret: Uint8Array;
  /** Previews: the requests follow from this alone, so that they are the same for every state. */
  devSeed?: string;
  forcedEngine: string | null;
  /** Measured before; null = in this trial. */
  storedReference: StoredReference | null;
  /** Of the quality gate; absent: the facts that come with bench. */
  questions?: QuestionSet;
}

/** Figures of a reference that was measured before, on this machine and by this version. */
export interface StoredReference {
  launches: MeasuredLaunch[];
  /** Median latency of a few requests, one at a time: by that it is known again. */
  aloneP50Ms: number;
  /** Share of its timed answers that begin like another one; null = too few to tell. */
  alikeShare: number | null;
  /** Over the files of its model. */
  modelSha256: string;
  /** What it ran on; null = nobody looked. */
  ground: {
    sandbox: string;
    clientCpus: string | null;
    limits: Pick<HeldLimit, 'limit' | 'asked' | 'by'>[];
  } | null;
  /** See ReferenceSubset; absent: it was asked everything. */
  subset?: ReferenceSubset[];
}

/** What judging came to; `trialOf` makes trial.json of it. */
export interface Judgement {
  outcome: { kind: TrialOutcome; reason: string | null };
  /** Null = nothing was collected. */
  submission: TrialResult['submission'];
  finalSeed: string | null;
  engine: TrialResult['engine'];
  reference: {
    measured: 'in_trial' | 'stored';
    launches: MeasuredLaunch[];
    /** Of a few requests, one at a time; null = it never came to that. */
    aloneP50Ms: number | null;
    /** See StoredReference; null = it never came to that, or is not known. */
    alikeShare: number | null;
    modelSha256: string | null;
    /** How much of each profile it was asked; absent: all. */
    subset?: ReferenceSubset[];
    /** Profiles of a stored one that were measured in this trial, at a rate that was not stored. */
    again: string[];
  };
  /** Absent: nothing was judged. */
  ground?: TrialGround;
  /** Absent: none were asked. */
  questions?: AskedQuestions;
  /** Null = nothing was collected. */
  state: MeasuredState | null;
  /** The stages it went through, with their ends on the clock. */
  stages: { stage: JudgeStage; tookMs: number; ended: 'ok' | 'stopped' }[];
}

/** In this order; the judge ends early at a stage that leaves nothing to go on with. */
export const judgeStages = [
  'collect',
  'readiness',
  'reference',
  'probes',
  'timed',
  'memory',
  'reference_again',
  'trace',
] as const;
export type JudgeStage = (typeof judgeStages)[number];
