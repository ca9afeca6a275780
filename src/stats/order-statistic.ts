import { binomialCdf } from './binomial.ts';

/**
 * Fewest independent values for which the p-quantile has a finite two-sided distribution-free
 * bound: all of n values lie on one side with probability max(p, 1 - p)^n, which must not exceed
 * half of what the level leaves. 36 / 72 / 368 / 3688 for p90 / p95 / p99 / p99.9 at 95 %.
 */
export function minimumForQuantile(p: number, level = 0.95): number {
  return Math.ceil(Math.log((1 - level) / 2) / Math.log(Math.max(p, 1 - p)));
}

/**
 * Ranks, from 0, of the order statistics that bound the p-quantile distribution-free with equal
 * tails (David & Nagaraja 2003, section 7.1): the number of values below the true quantile is
 * binomial(n, p).
 *
 * @param n number of values.
 * @param ess effective sample size; ranks are found for so many independent values, then spread
 *   outwards over the values there are. Pass `n` for independent values.
 * @returns null where no finite bound exists at this size.
 */
export function orderStatisticRanks(
  n: number,
  p: number,
  ess: number,
  level = 0.95,
): { low: number; high: number } | null {
  // The allowance keeps a computed 367.9999999 at 368.
  const m = Math.min(n, Math.floor(ess + 1e-6));
  if (m < 1 || m < minimumForQuantile(p, level)) return null;
  const tail = (1 - level) / 2;
  // Largest l with P(B <= l - 1) <= tail, and smallest u with P(B >= u) <= tail.
  const lowRank = firstRank(m, (k) => binomialCdf(k, m, p) > tail);
  const highRank = firstRank(m, (k) => 1 - binomialCdf(k - 1, m, p) <= tail);
  const low = Math.floor(((lowRank - 1) * n) / m);
  const high = Math.ceil((highRank * n) / m) - 1;
  return low < 0 || high >= n ? null : { low, high };
}

/** The interval at `orderStatisticRanks`; null also where its upper end is infinite. */
export function orderStatisticInterval(
  sorted: ArrayLike<number>,
  p: number,
  ess: number,
  level = 0.95,
): { low: number; high: number } | null {
  const ranks = orderStatisticRanks(sorted.length, p, ess, level);
  if (ranks === null) return null;
  const low = sorted[ranks.low] as number;
  const high = sorted[ranks.high] as number;
  return high === Infinity ? null : { low, high };
}

/** Smallest k in [0, m] for which a monotone predicate holds; m when none does. */
function firstRank(m: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = m;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
