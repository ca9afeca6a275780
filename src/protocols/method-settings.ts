/** How a run is conducted around its levels; `app` fills it in from the command's settings. */
export interface MethodSettings {
  /** Discarded runs before the first level; 0 = none. */
  warmupRuns: number;
  /** Requests of each; null: 17, or as many as are in flight where those are more. */
  warmupRequests: number | null;
  /** auto: gate (a) before the first level of a launch, gate (b) in front of every open level. */
  gates: 'auto' | 'off';
  /** A gate that did not open makes what it guards invalid; otherwise it is a warning. */
  requireSteady: boolean;
  /** Length of a level as given; both null: 60 s and what the SLOs' percentiles need. */
  durationS: number | null;
  requests: number | null;
  /** Longest that an undecided level is extended to; null: 4 times its first length. */
  maxLevelDurationS: number | null;
  /** Most levels of a search. */
  maxProbes: number;
  /** A search ends when the bracket's ends differ by less than this share. */
  tolerance: number;
  /** Idle seconds between levels. */
  restS: number;
  /** Length of the sustained run, seconds; null = none. */
  sustainedS: number | null;
  /** Starts of the server. */
  launches: number;
}

/** Requests in one warm-up run by the documents: three runs of 17 are more than 50. */
export const warmupRequestsOfRun = 17;
/** The article's minimum per level, seconds. */
export const levelDurationS = 60;

export const defaultMethod: MethodSettings = {
  warmupRuns: 3,
  warmupRequests: null,
  gates: 'auto',
  requireSteady: false,
  durationS: null,
  requests: null,
  maxLevelDurationS: null,
  maxProbes: 10,
  tolerance: 0.05,
  restS: 2,
  sustainedS: null,
  launches: 1,
};
