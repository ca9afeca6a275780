/**
 * What came of judging a submission. `scored` and `regressed` follow from its speed alone; infra
 * errors are of the machine or the arena, never of the submission.
 */
export const trialOutcomes = [
  'scored',
  'regressed',
  'quality_fail',
  'integrity_fail',
  'wrong_engine',
  'server_fail',
  'infra_error',
] as const;
export type TrialOutcome = (typeof trialOutcomes)[number];

export const scenarioClasses = ['full', 'small'] as const;
/** `small` is for a CPU and a small model: same shape, not comparable with `full`. */
export type ScenarioClass = (typeof scenarioClasses)[number];

/** Which state of the workspace is scored: the last one, or the best that passed the gates. */
export type SubmissionPolicy = 'final' | 'best_verified';

/** One thing that was looked at, and what was seen. */
export interface TrialCheck {
  id: string;
  kind: 'readiness' | 'correctness' | 'quality' | 'integrity';
  /** A required check that did not run makes the outcome an infra error, never a pass. */
  required: boolean;
  verdict: 'pass' | 'flag' | 'fail' | 'not_run';
  /** What was seen, with figures; for `not_run` the reason. */
  evidence: string;
}

/** One load profile of a scenario as one server launch answered it. */
export interface ProfileFigures {
  profile: string;
  ttftP50Ms: number | null;
  tpotP50Ms: number | null;
  /** Whole answers, from send to last token. */
  latencyP50Ms: number | null;
  /** Requests that ended well and in full length, per second; failures do not count. */
  validCompletedRps: number | null;
  /** Requests per second that the profile offered; null = all at once. */
  offeredRps: number | null;
  /** The arrivals, not the server, decided the rate: >= 95 % of what was offered was completed. */
  rateLimited: boolean;
  /**
   * Why the rate was not doubled once more: the profile would have had more requests than one may, or
   * the other side would have needed longer than it may. Absent: it was not to be doubled.
   */
  rateCap?: 'requests' | 'time';
  requests: number;
  validRequests: number;
  /** Of each valid request, in the order sent: what the medians are of. */
  perRequest?: RequestFigures;
}

/** Milliseconds of each request; one without a figure (a single token has no TPOT) is left out. */
export interface RequestFigures {
  ttftMs: number[];
  tpotMs: number[];
  latencyMs: number[];
}

/** One start of a server: what repeats have as their unit. */
export interface MeasuredLaunch {
  profiles: ProfileFigures[];
}

/** A state of the agent's workspace and what was measured of it. */
export interface MeasuredState {
  /** SHA-256 of the submission's files, hex. */
  submissionSha256: string;
  /** Seconds of the agent's clock at which it was reached; null = not known. */
  atS: number | null;
  measuredBy: 'judge' | 'preview';
  outcome: TrialOutcome;
  checks: TrialCheck[];
  launches: MeasuredLaunch[];
  /** Greedy token match with the reference: mean share (0-1) over prompts; null = not measured. */
  correctness: {
    tokenMatchShare: number;
    prompts: number;
    /** Prompts whose whole answer is the reference's. */
    whole?: number;
    /** 95 %, of the mean, over prompts; null for fewer than two. */
    interval?: { low: number; high: number } | null;
  } | null;
  /** What it was measured against, where that is not the trial's own reference. */
  reference: MeasuredLaunch[] | null;
}

/** How much of a load profile the reference was asked, where its scenario has it asked a subset. */
export interface ReferenceSubset {
  profile: string;
  /** Asked, of so many. */
  requests: number;
  of: number;
  /** Of the widest term's 95 % interval, as a share of the figure; null = too few values. */
  halfWidth: number | null;
  /** What was wanted. */
  until: number;
}

/** What the quality gate asked. */
export interface AskedQuestions {
  /** `facts`: those that come with bench; else the name of their file. */
  name: string;
  /** Of the file, hex; null = they come with bench. */
  sha256: string | null;
  /** Different ones that there were to draw from. */
  available: number;
  asked: number;
  /** Of those asked: one that is asked again is no evidence of its own. */
  distinct: number;
  /** As many as the scenario wants. */
  wanted: number;
  marginPoints: number;
}

/** Who made the submission: what makes two trials repeats of each other. */
export interface TrialEntry {
  agent: { id: string; version: string | null };
  /** The program that drove the agent (a command-line tool); null = none. */
  harness: { id: string; version: string } | null;
  /** Language model of the agent, effort included. */
  model: string | null;
  promptSha256: string | null;
  /** The one engine it had to use; null = free choice. */
  forcedEngine: string | null;
}

/** A limit that was asked for, and who held it. */
export interface HeldLimit {
  limit: string;
  asked: number | string;
  /** `none`: nobody did. */
  by: string;
  /** Null: not known. */
  reached: boolean | null;
}

/** What the judged server and the reference ran on. */
export interface TrialGround {
  /** Id of the sandbox that the server was judged in. */
  sandbox: string;
  /** False: it saw the machine and its network. */
  sandboxed: boolean;
  /** Null: it was never started. */
  server: HeldLimit[] | null;
  reference: HeldLimit[] | null;
  /** CPUs of the load client alone, as taskset lists them; null = it shares the server's. */
  clientCpus: string | null;
  /** Absent: by an earlier version. */
  accelerator?: {
    /** As the scenario names it; null = none. */
    wanted: string | null;
    /** A device of this machine; null = it has none. */
    present: string | null;
    /** What the reference says that it computed on: `cpu`, or a name; null = it does not say. */
    referenceOn: string | null;
  };
  /** In words: where the machine is less than the scenario says, and what nobody held. */
  notes: string[];
}

/** `trial.json`: what a judged trial leaves in its folder. Versioned by `schema`; fields may be added. */
export interface TrialResult {
  schema: 'inferencebench.trial.v1';
  trialId: string;
  startedAt: string;
  endedAt: string;
  tool: { name: 'inferencebench'; version: string };
  scenario: {
    id: string;
    class: ScenarioClass;
    /** SHA-256 of the scenario's file. */
    sha256: string;
    /** Id of the scoring rules that it was judged under. */
    scoring: string;
    policy: SubmissionPolicy;
  };
  /** Served model, as the scenario names it. */
  baseModel: string;
  /** Machine in words; speed-ups of different machines are not compared. */
  machine: string;
  entry: TrialEntry;
  seeds: {
    /** The pair that names this repeat: the agent's own set, the evaluation's set. */
    dev: number;
    eval: number;
    /** Published before the trial: SHA-256 of the secret, hex. */
    secretSha256: string;
    /** The secret, hex; null = not revealed. */
    secret: string | null;
    /** HMAC-SHA256(secret, submission hash), hex: what the final requests were drawn from. */
    finalSeed: string | null;
  };
  outcome: { kind: TrialOutcome; reason: string | null };
  /** What was collected, by the declared files; null = nothing. */
  submission: {
    /** Over the files: src/arena/trial/commitment.ts says how. */
    sha256: string;
    files: { path: string; bytes: number; sha256: string }[];
  } | null;
  /** Engine that the submission started; null = not known. */
  engine: { id: string; version: string | null } | null;
  reference: {
    kind: 'pytorch' | 'launcher';
    description: string;
    /** Measured here in the trial, or stored from before. */
    measured: 'in_trial' | 'stored';
    /** Profiles of a stored one that were measured again here, at a rate that was not stored. */
    again?: string[];
    launches: MeasuredLaunch[];
    /** By profile; absent: it was asked everything. */
    subset?: ReferenceSubset[];
  };
  /** Absent: nothing was judged, or by an earlier version. */
  ground?: TrialGround;
  /** Absent: none were asked. */
  questions?: AskedQuestions;
  /** The last state; null = none was left. */
  final: MeasuredState | null;
  /** The best state that passed the gates on the way; null = none was kept. */
  bestVerified: MeasuredState | null;
  agentPhase: {
    end: 'agent_done' | 'deadline' | 'budget' | 'crashed' | 'provider_error' | 'infra';
    budgetS: number;
    wallS: number;
    sandboxed: boolean;
    /** In words. */
    reason?: string;
    /** The arena was killed meanwhile, and the trial was resumed. */
    interrupted?: boolean;
    /** How the agent's processes came to their end; null = none was started. */
    receipt?: {
      how: 'already-exited' | 'terminated' | 'killed';
      /**
       * Processes that lived when its end began: of an agent that had ended by itself those that it
       * left behind, else itself and all others. Null: not known. Absent: by an earlier version.
       */
      aliveAtStop?: number | null;
      /** Those that outlived the agent (or its grace) and were ended by force. */
      swept: number;
      /** By what: the kernel ended their PID namespace, or a signal each of them. */
      endedBy?: 'pid-namespace' | 'signals';
      survivors: number;
      limits: HeldLimit[];
      memoryPeakBytes: number | null;
    } | null;
    /** Each start of a server by the agent, with its non-default flags; null = not recorded. */
    serverStarts: { atS: number; flags: string[] }[] | null;
  } | null;
}
