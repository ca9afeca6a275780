import type { SubmissionPolicy, TrialOutcome } from './trial.ts';

/** A figure of a load profile that a speed-up is made of. */
export type SpeedTerm = 'ttft_p50' | 'tpot_p50' | 'latency_p50' | 'valid_completed_rate';

/** One scenario in a set of rules: geometric mean over its profiles and terms. */
export interface ScoredScenario {
  id: string;
  label: string;
  terms: SpeedTerm[];
  /** Load profiles that a trial has to have. */
  profiles: string[];
}

/** How trials become scores, as data: what changes with a new version is all in here. */
export interface ScoringRules {
  schema: 'inferencebench.scoring.v1';
  /** `speedup.v1` */
  id: string;
  title: string;
  source: string;
  form: 'speedup' | 'correctness_gated';
  scenarios: ScoredScenario[];
  /** By outcome: computed, a fixed score, or not scored (null). */
  outcomes: Record<TrialOutcome, 'formula' | number | null>;
  /** Scores below `below` are `score` instead, and the outcome is `regressed`; null = as they are. */
  regression: { below: number; score: number } | null;
  /**
   * Of the form correctness_gated, with c the token match and g the speed-up:
   * `base + perSpeedup g` from `atLeast` on, else `perMatch c`; null in the form speedup.
   */
  correctness: { atLeast: number; base: number; perSpeedup: number; perMatch: number } | null;
  /** Null = the policy that the trial was judged under. */
  policy: SubmissionPolicy | null;
}
