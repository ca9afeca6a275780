import { studentTCdf } from '../stats/index.ts';

export interface Trend {
  /** Change from one value to the next. */
  slope: number;
  /** Change over all values as a share of their mean; 0 where the mean is 0. */
  share: number;
  /** One-sided p-value of growth against none. */
  pGrowth: number;
  /** Two-sided p-value of any trend. */
  pAny: number;
}

/**
 * Straight line through values at equal distances (least squares). The residuals' serial
 * dependence widens the standard error: with lag-1 correlation r its square grows by
 * (1 + r) / (1 - r) (Bartlett 1935).
 *
 * @returns null below 6 values
 */
export function fitTrend(values: readonly number[] | Float64Array): Trend | null {
  const n = values.length;
  if (n < 6) return null;
  const meanX = (n - 1) / 2;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let xy = 0;
  let xx = 0;
  for (let i = 0; i < n; i++) {
    xy += (i - meanX) * ((values[i] as number) - mean);
    xx += (i - meanX) ** 2;
  }
  const slope = xy / xx;
  const share = mean === 0 ? 0 : (slope * (n - 1)) / mean;
  let squares = 0;
  let lagged = 0;
  let previous = 0;
  for (let i = 0; i < n; i++) {
    const residual = (values[i] as number) - mean - slope * (i - meanX);
    squares += residual * residual;
    if (i > 0) lagged += residual * previous;
    previous = residual;
  }
  // What rounding leaves of an exact line or of equal values.
  if (squares <= 1e-18 * n * Math.max(mean * mean, 1e-12)) {
    const flat = Math.abs(share) < 1e-9;
    return { slope, share, pGrowth: flat ? 0.5 : slope > 0 ? 0 : 1, pAny: flat ? 1 : 0 };
  }
  // A fitted line takes about 2/n off the correlation of the residuals.
  const r = Math.min(0.9, Math.max(0, lagged / squares + 2 / n));
  const error = Math.sqrt((squares / (n - 2) / xx) * ((1 + r) / (1 - r)));
  const below = studentTCdf(slope / error, n - 2);
  return { slope, share, pGrowth: 1 - below, pAny: 2 * Math.min(below, 1 - below) };
}

/** Means of `bins` runs of successive values of (nearly) equal length. */
export function binMeans(values: readonly number[], bins: number): Float64Array {
  const means = new Float64Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * values.length) / bins);
    const to = Math.floor(((bin + 1) * values.length) / bins);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i] as number;
    means[bin] = sum / Math.max(1, to - from);
  }
  return means;
}

/** Requests by the time they were wanted sent and the time they ended; +Infinity: not yet. */
export interface Flights {
  intendedUs: readonly number[];
  endUs: readonly number[];
}

/** Time average of requests wanted and not ended, in `bins` equal parts of [fromUs, toUs). */
export function inFlightBins(
  flights: Flights,
  fromUs: number,
  toUs: number,
  bins: number,
): Float64Array {
  const width = (toUs - fromUs) / bins;
  const busy = new Float64Array(bins);
  flights.intendedUs.forEach((intended, i) => {
    const start = Math.max(intended, fromUs);
    const end = Math.min(flights.endUs[i] as number, toUs);
    if (end <= start) return;
    const last = Math.min(bins - 1, Math.floor((end - fromUs) / width));
    for (let bin = Math.floor((start - fromUs) / width); bin <= last; bin++) {
      const low = Math.max(start, fromUs + bin * width);
      const high = Math.min(end, fromUs + (bin + 1) * width);
      if (high > low) busy[bin] = (busy[bin] as number) + high - low;
    }
  });
  return busy.map((us) => us / width);
}
