import type { Rng } from '../core/index.ts';
import { type GroupTotals, influences } from './grouped-series.ts';
import { quantile } from './quantile.ts';
import { studentTQuantile } from './student-t.ts';

export interface BlockDraw {
  /** Groups in a block. */
  length: number;
  resamples: number;
  rng: Rng;
}

/** Blocks of many groups may start at every group of these many parts: all of it stays near the core. */
const startsPerBlock = 16;

/**
 * Sums over the circular blocks, by their start: each group, or where blocks are long every
 * length / 16th, which loses nothing that a million draws could tell.
 */
function blockSums(column: Float64Array | Uint32Array, length: number): Float64Array {
  const n = column.length;
  if (length === 1) return Float64Array.from(column);
  const stride = Math.max(1, Math.floor(length / startsPerBlock));
  const out = new Float64Array(Math.ceil(n / stride));
  let sum = 0;
  for (let i = 0; i < length; i++) sum += column[i % n] as number;
  for (let g = 0; g < n; g++) {
    if (g % stride === 0) out[g / stride] = sum;
    sum += (column[(g + length) % n] as number) - (column[g] as number);
  }
  return out;
}

/**
 * What every block weighs, where it is the same: one place in memory less for each of millions of
 * draws. Null where it differs.
 */
function commonWeight(weights: Float64Array): number | null {
  const first = weights[0] as number;
  return weights.every((weight) => weight === first) ? first : null;
}

/**
 * Interval of the ratio of sums by the studentised block bootstrap (Goetze & Kuensch 1996): the
 * pivot (resampled - observed) / its standard error carries the skewness.
 *
 * @param tail probability left out at each end.
 */
export function resampleMean(
  totals: GroupTotals,
  { length, resamples, rng }: BlockDraw,
  tail: number,
): { low: number; high: number } {
  const n = totals.sums.length;
  // Residuals instead of sums: small numbers, so nothing cancels in the squares below.
  const residuals = blockSums(influences(totals), length);
  const weights = blockSums(totals.counts, length);
  const common = commonWeight(weights);
  const blocks = Math.ceil(n / length);
  const starts = residuals.length;
  let square = 0;
  for (const residual of residuals) square += residual ** 2;
  square *= n / starts;
  let allWeights = 0;
  for (let g = 0; g < n; g++) allWeights += totals.counts[g] as number;
  const error = Math.sqrt(((square / length) * n) / (n - length)) / allWeights;
  if (!(error > 1e-13 * Math.abs(totals.ratio))) return { low: totals.ratio, high: totals.ratio };

  const pivots = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    let weight = 0;
    let rr = 0;
    let rw = 0;
    let ww = 0;
    for (let b = 0; b < blocks; b++) {
      const at = rng.int(starts);
      const x = residuals[at] as number;
      const w = common ?? (weights[at] as number);
      sum += x;
      weight += w;
      rr += x * x;
      rw += x * w;
      ww += w * w;
    }
    if (weight === 0) continue;
    const shift = sum / weight;
    const scatter = Math.max(0, rr - 2 * shift * rw + shift * shift * ww);
    const resampled = Math.sqrt((scatter * blocks) / (blocks - 1)) / weight;
    pivots[r] = resampled > 0 ? shift / resampled : 0;
  }
  pivots.sort();
  return {
    low: totals.ratio - (quantile(pivots, 1 - tail) as number) * error,
    high: totals.ratio - (quantile(pivots, tail) as number) * error,
  };
}

/**
 * Interval of the p-quantile: the share of values at or below the observed quantile is resampled
 * in blocks, and [p + low, p + high] of its deviations is read back as ranks. Drawing single
 * groups, that is the binomial order-statistics interval.
 *
 * @param totals by group the number of values at or below the quantile.
 * @param values how many values there are.
 * @returns ranks from 0 of the values that bound the quantile.
 */
export function resampleQuantile(
  totals: GroupTotals,
  values: number,
  p: number,
  { length, resamples, rng }: BlockDraw,
  tail: number,
): { low: number; high: number } {
  const n = totals.sums.length;
  const residuals = blockSums(influences(totals), length);
  const weights = blockSums(totals.counts, length);
  const common = commonWeight(weights);
  const blocks = Math.ceil(n / length);
  const starts = residuals.length;
  const shifts = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    let weight = 0;
    for (let b = 0; b < blocks; b++) {
      const at = rng.int(starts);
      sum += residuals[at] as number;
      weight += common ?? (weights[at] as number);
    }
    shifts[r] = weight === 0 ? 0 : sum / weight;
  }
  shifts.sort();
  // Ties lift the share at the quantile above p; the spread is carried over to p itself.
  const variance = totals.ratio * (1 - totals.ratio);
  const scale = variance > 0 ? Math.sqrt((p * (1 - p)) / variance) : 0;
  // Blocks of many groups are few: the spread between them gets Student's correction.
  const few =
    length === 1
      ? 1
      : (studentTQuantile(1 - tail, blocks - 1) / studentTQuantile(1 - tail, 1e9)) *
        Math.sqrt(blocks / (blocks - 1));
  const rank = (share: number) => values * (p + share * scale * few) + 1e-9;
  const lowRank = Math.max(1, Math.floor(rank(quantile(shifts, tail) as number)));
  const highRank = Math.floor(rank(quantile(shifts, 1 - tail) as number)) + 1;
  return {
    low: Math.min(values, lowRank) - 1,
    high: Math.min(values, Math.max(highRank, lowRank)) - 1,
  };
}
