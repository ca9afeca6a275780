import type { LevelPlan } from '../model/index.ts';

/** How long a level is: so many requests, so many seconds, or whichever ends first. */
export interface PlanLength {
  requests: number | null;
  durationS: number | null;
}

/** Makes plans of the run's workload; `app` builds it, tests bring their own. */
export interface Planner {
  /**
   * Open loop. One seed gives one unit-rate plan: every rate stretches the same gaps and lengths,
   * and a longer plan begins with the requests of a shorter one.
   * @param level `salt` tells prompts of levels, warm-ups and probes apart
   */
  open(rateRps: number, level: PlanLength & { salt: string; concurrencyAsked?: number }): LevelPlan;
  /**
   * Closed loop of so many callers.
   * @param level `fixedLengths`: every prompt and output as long as the mean
   */
  closed(inFlight: number, level: PlanLength & { salt: string; fixedLengths?: boolean }): LevelPlan;
}
