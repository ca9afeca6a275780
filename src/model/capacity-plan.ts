import type { Finding } from './finding.ts';
import type { Price } from './prices.ts';

/** How many instances a target takes, from a stored result (`bench plan --json`). Unknown is null. */
export interface CapacityPlan {
  schema: 'inferencebench.plan.v1';
  /** The result it is made from. */
  runId: string;
  targetRps: number;
  /** Spare capacity of the rows with headroom, 0.2 = 20 %. */
  headroomShare: number;
  /** What one instance has to meet: an SLO, or `all` of several. */
  criterion: string;
  maxRate: {
    /** Highest rate at which the criterion held in every level up to it, and in the sustained run. */
    point: PlannedRate;
    /** Highest rate up to the point's at which it is proven (95 %) that it holds. */
    lower: PlannedRate;
  };
  gpusPerInstance: number | null;
  /** Mean tokens of a request at the point's level: the plan holds for such requests. */
  tokensPerRequest: { input: number | null; output: number | null };
  /** Of one instance, or of tokens. */
  price: Price | null;
  rows: PlanRow[];
  findings: Finding[];
}

export interface PlannedRate {
  /** What arrived per second; the planned rate where nobody counted. */
  rateRps: number | null;
  /** Rate that was planned for that level. */
  plannedRps: number | null;
  /** Index into the result's levels. */
  level: number | null;
  /** What it rests on, in words. */
  reason: string;
}

/** What the target takes by one reading of the maximum rate. */
export interface PlanRow {
  basis: 'point' | 'lower';
  headroomShare: number;
  instances: number | null;
  gpus: number | null;
  /** Each instance's share of the target, without headroom. */
  rateEachRps: number | null;
  usdPerHour: number | null;
  /** Input and output tokens of the target rate together. */
  usdPerMillionTokens: number | null;
}
