import type { ScoringRules, SpeedTerm } from './scoring.ts';
import type { ScenarioClass, SubmissionPolicy, TrialEntry, TrialOutcome } from './trial.ts';

/** Something to know before a score is believed. */
export interface ScoreDoubt {
  /** `rate-limited`, `seed-not-revealed`: docs/guides/reading-a-score.md. */
  id: string;
  message: string;
}

/** One trial under one set of rules. */
export interface TrialScore {
  trialId: string;
  /** Where it was read. */
  path: string;
  scenario: string;
  scenarioSha256: string;
  class: ScenarioClass;
  baseModel: string;
  machine: string;
  reference: string;
  entry: TrialEntry;
  policy: SubmissionPolicy;
  rules: string;
  seeds: { dev: number; eval: number };
  /** After checks and rules; it may differ from what the judge wrote. */
  outcome: TrialOutcome;
  reason: string | null;
  /** Speed-up by the formula, before any fallback; null where nothing was measured. */
  speedup: number | null;
  /** False: `speedup` and `parts` were measured, and the score is not made of them. */
  speedCounts: boolean;
  /** Mean greedy token match, 0-1. */
  tokenMatchShare: number | null;
  /** Correctness reached; null where the rules do not ask for it. */
  correct: boolean | null;
  /** Null = not scored. */
  score: number | null;
  /** What the score is made of, a value a server launch, before the fallback for regressions. */
  launchScores: number[];
  /**
   * Reference against candidate, by profile and term; above 1 is faster. `interval`: 95 %, over the
   * requests of this trial; null = too few, or not kept.
   */
  parts: {
    profile: string;
    term: SpeedTerm;
    ratio: number;
    interval: { low: number; high: number } | null;
  }[];
  /** The best that the trial had in its hands: at least the score. */
  found: number | null;
  activity: {
    /** Distinct sets of non-default flags that were launched. */
    configurations: number | null;
    restarts: number | null;
    /** When the best state was reached. */
    timeToBestS: number | null;
    wallS: number | null;
    budgetS: number | null;
  };
  checks: { failed: string[]; flagged: string[]; notRun: string[] };
  doubts: ScoreDoubt[];
}

/** Repeats of one entry on one scenario. */
export interface ScoreSummary {
  /** Scored runs. */
  runs: number;
  mean: number;
  /** Standard error of the mean (ddof 1); null below two runs. */
  sem: number | null;
  low: number | null;
  high: number | null;
  level: number;
  /** `t_log`: of the geometric mean; `t`, `bootstrap`: of the mean itself; null = no interval. */
  method: 't_log' | 't' | 'bootstrap' | null;
  /** What was taken to be independent. */
  unit: 'run' | 'launch';
}

/** Where a row stands, and where it may stand. */
export interface Standing {
  row: string;
  rank: number;
  /** With 95 % confidence for all rows together. */
  low: number;
  high: number;
  /** Rows that share a letter cannot be told apart. */
  groups: string;
}

export interface BoardCell {
  scenario: string;
  score: ScoreSummary | null;
  /** Mean of the best that was found; null where it is not known of every scored run. */
  found: number | null;
  outcomes: Record<TrialOutcome, number>;
  /** Best single run. */
  best: number | null;
  /** Of the scored runs, those with correctness reached; null where the rules do not ask for it. */
  correct: number | null;
}

export interface BoardRow {
  id: string;
  label: string;
  /** What tells it from rows of the same name: versions, prompt, engine, policy. */
  detail: string;
  entry: TrialEntry;
  /** Indices into the leaderboard's trials. */
  trials: number[];
  cells: BoardCell[];
  /** Over all scenarios; null where one of them has no score. */
  aggregate: ScoreSummary | null;
}

/** What can be compared with each other: same rules, class, model, machine and reference. */
export interface Board {
  id: string;
  rules: string;
  class: ScenarioClass;
  baseModel: string;
  machine: string;
  reference: string;
  /** Id and label, in the rules' order, those that have trials. */
  scenarios: { id: string; label: string }[];
  /** All scenarios of the rules have trials, so rows can have an aggregate. */
  complete: boolean;
  rows: BoardRow[];
  /** By `aggregate` and by scenario id. */
  standings: Record<string, Standing[]>;
  /** Indices into the leaderboard's trials. */
  trials: number[];
  doubts: ScoreDoubt[];
}

/** `leaderboard.json` */
export interface Leaderboard {
  schema: 'inferencebench.leaderboard.v1';
  tool: { name: 'inferencebench'; version: string };
  rules: ScoringRules[];
  boards: Board[];
  trials: TrialScore[];
}
