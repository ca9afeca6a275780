import { formatRate } from '../model/index.ts';
import type { LoadProbe } from './probe-capacity.ts';

export interface QuickLookBudget {
  /** Seconds left for all levels, drains included. */
  remainingS: number;
  /** Capacity as a closed burst showed it, completions per second. */
  capacityRps: number;
  /** Mean time of one request under that burst, seconds: how long a level drains. */
  meanServiceS: number;
}

export interface QuickLookLevel {
  rateRps: number;
  requests: number;
}

const shares = [0.3, 0.6, 0.85];
/** A fast server needs no more than this to show its shape. */
const maxLevelS = 20;
const minRequests = 3;

/**
 * Levels at 30, 60 and 85 % of the capacity, of equal length, that fit into the time left.
 * Levels that could not hold three requests are left out, highest first.
 */
export function sizeQuickLook(budget: QuickLookBudget): QuickLookLevel[] {
  for (let n = shares.length; n > 0; n--) {
    const levelS = Math.min(maxLevelS, budget.remainingS / n - budget.meanServiceS * 1.5);
    const levels = shares.slice(0, n).map((share) => ({
      rateRps: Number(formatRate(share * budget.capacityRps)),
      requests: Math.floor(share * budget.capacityRps * levelS),
    }));
    if (levels.every((level) => level.requests >= minRequests)) return levels;
  }
  // Even one level is too much for the budget: measure the least that says anything.
  return [{ rateRps: Number(formatRate(0.3 * budget.capacityRps)), requests: minRequests }];
}

/** The capacity in words, for the conversation. */
export function describeCapacity(probe: LoadProbe): string {
  if (probe.completedRps === null) return 'nothing completed';
  return `about ${formatRate(probe.completedRps)} req/s, ${probe.meanServiceS?.toPrecision(2)} s a request under full load`;
}
