import type { Price } from './prices.ts';

/** How a level stands to one criterion: a whole SLO, or one of its limits alone. */
export interface SloOutcome {
  /** Id of the SLO (`llm.standard`), or of one limit of it (`llm.standard:ttft`). */
  criterion: string;
  /** Share that has to be within the limits, 0..1. */
  quantile: number;
  /** Counted requests that can be judged; failures are among them, and are misses. */
  requests: number;
  misses: number;
  /** Share within the limits; null without a request that can be judged. */
  attained: number | null;
  /** One-sided 95 % Clopper–Pearson bounds of the share; null as `attained`. */
  lower: number | null;
  upper: number | null;
  /** By the point estimate; null as `attained`. */
  met: boolean | null;
  /**
   * proven: the lower bound reaches the quantile; refuted: the upper bound is below it;
   * not-proven: decided on the point estimate alone; unknown: nothing to judge.
   */
  verdict: 'proven' | 'refuted' | 'not-proven' | 'unknown';
}

/** Whether a level completed what arrived. Counts are of the same window: the arrivals realised. */
export interface KeepingUp {
  arrivals: number;
  completions: number;
  /** Growth of the number in flight over the window, requests per second; null = too few to tell. */
  inFlightTrendPerS: number | null;
  /** One-sided p-value of growth against none; null as the trend. */
  trendP: number | null;
  verdict: 'keeps-up' | 'falls-behind' | 'unknown';
  /** In words, with figures. */
  reason: string;
}

/** What a gate in front of a measurement saw, and whether it opened. */
export interface GateOutcome {
  /** server-warm: one request at a time (gate a); lead-in: load of the level, uncounted (gate b). */
  gate: 'server-warm' | 'lead-in';
  passed: boolean;
  requests: number;
  elapsedS: number;
  /** Coefficients of variation over the last 30 requests; null = not looked at or too few. */
  ttftCov: number | null;
  tpotCov: number | null;
  /** In words, with figures: why it opened, or why it did not. */
  reason: string;
  /** Its successful requests one by one, in order of their end; absent for a lead-in. */
  samples?: GateSamples;
}

/** Milliseconds, one value a request in both lists. */
export interface GateSamples {
  ttftMs: (number | null)[];
  /** Null for a request of one token. */
  tpotMs: (number | null)[];
}

/** Discarded requests before anything is counted, once per launch. */
export interface WarmUpResult {
  launch: number;
  runs: number;
  requestsPerRun: number;
  /** Requests in flight: the most that the run expects. */
  inFlight: number;
  failed: number;
  /** Mean time from send to end of each run's successes, milliseconds; null where none succeeded. */
  meanServiceMs: (number | null)[];
}

/** The part of a level's window that is steady, by MSER-5 (White 1997) over TTFT in order of time. */
export interface SteadyWindow {
  /** Requests at the start that the rule would cut, and their share of the counted. */
  cutRequests: number;
  cutShare: number;
  /** False: more than half would have to go and TTFT has a trend, so that the level never settled. */
  steady: boolean;
}

/** The highest load at which a criterion holds. */
export interface Knee {
  /** As in SloOutcome; `all`: several SLOs at once; `keeps-up`: no SLO was asked for. */
  criterion: string;
  /** Last rate before the first failure, as planned; null: not even the lowest passes. */
  maxRateRps: number | null;
  /**
   * What arrived in the window of that level, per second: the better figure for what was held, as
   * n Poisson arrivals come 1 / sqrt(n) faster or slower than planned. Null as `maxRateRps`.
   */
  offeredRps?: number | null;
  /** Lowest rate that failed, as planned; null: none did, the knee lies above what was tried. */
  failRps: number | null;
  /** What arrived in the window of that level, per second. Null as `failRps`. */
  failOfferedRps?: number | null;
  /** Level of `maxRateRps`. */
  level: number | null;
  verdict: SloOutcome['verdict'];
  /**
   * What failed first: the limits, keeping up, errors; null where nothing failed. `invalid`: nothing
   * failed, and `failRps` is the lowest rate above `maxRateRps` that is not fit to be judged; without a
   * `maxRateRps` the knee is unknown.
   */
  failedBy: 'slo' | 'falls-behind' | 'errors' | 'invalid' | null;
}

export interface SweepResult {
  kind: 'rates' | 'article' | 'auto';
  /** Why it ended, in words. */
  stopped: string;
  /** Levels in the order in which they were run; indexes into `envelope.levels`. */
  levels: number[];
  /** Of each SLO asked for, and of each of its limits. */
  knees: Knee[];
}

export interface SustainedResult {
  /** Index into `envelope.levels`; null: it never passed. */
  level: number | null;
  rateRps: number | null;
  durationS: number;
  passed: boolean;
  /** Rates at which a sustained run failed before. */
  failedRps: number[];
  reason: string;
}

/** One start of the server, and what was measured on it. */
export interface LaunchInfo {
  /** From 1. */
  launch: number;
  seed: number;
  readyMs: number | null;
  firstRequestMs: number | null;
  levels: number[];
}

/** A metric at one load over several launches; the launch is the unit of replication. */
export interface LaunchAggregate {
  role: LevelRole;
  /** Null in a closed loop, whose load is `maxConcurrency`. */
  rateRps: number | null;
  maxConcurrency?: number | null;
  metric: string;
  /** One per launch, in order; null = not measured in that launch. */
  values: (number | null)[];
  mean: number | null;
  /** Student's t interval, 95 %; null below two values. */
  low: number | null;
  high: number | null;
}

/** What a level is for. `lower` and `upper` are the ends of the bracket, measured again. */
export type LevelRole = 'level' | 'sweep' | 'sustained' | 'lower' | 'upper';

/** One row of the methodology article's checklist. */
export interface ChecklistRow {
  /** `warm-up`, `open-loop`, `tails`, ... */
  id: string;
  asks: string;
  verdict: 'pass' | 'fail' | 'unknown';
  /** The measured fact that decides. */
  fact: string;
}

/**
 * What the headline level's tokens cost, with its own mix of input and output. instance: price per
 * hour over tokens per hour; tokens: a provider's list price.
 */
export interface CostResult {
  price: Price;
  /** Level that the figures are of. */
  level: number | null;
  /** Everything spent, over output tokens alone. */
  usdPerMillionOutputTokens: number | null;
  /** Everything spent, over input and output tokens. */
  usdPerMillionTokens: number | null;
  usdPerHour: number | null;
}

/** How a run was conducted; parts that were not asked for are null. */
export interface RunMethod {
  warmUps: WarmUpResult[];
  /** Gate (a), once per launch, in order. */
  gates: GateOutcome[];
  sweep: SweepResult | null;
  sustained: SustainedResult | null;
  launches: LaunchInfo[];
  acrossLaunches: LaunchAggregate[];
  checklist: ChecklistRow[];
  cost: CostResult | null;
}
