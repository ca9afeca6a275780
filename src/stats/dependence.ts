import { mean } from './quantile.ts';

/** Above this length a series is averaged in batches first; the long-run variance stays. */
const longSeries = 20_000;

/**
 * A sum of m autocorrelations of an independent series has standard deviation sqrt(m / n). Sums
 * within this many deviations, for every window, are taken for independence.
 */
const significance = 2.8;

/**
 * Integrated autocorrelation time tau = 1 + 2 * sum of autocorrelations: the mean of n values has
 * the variance of a mean of n / tau independent ones.
 *
 * The larger of Geyer's initial monotone sequence (Geyer 1992, section 3.3) and the figure of a
 * first-order autoregression with the same first autocorrelation, (1 + r) / (1 - r); 1 where no
 * autocorrelation can be told from chance. Never below 1: negative correlation is not rewarded.
 * On series shorter than about 50 tau the result is too small, yet large against the length.
 */
export function autocorrelationTime(series: ArrayLike<number>): number {
  const n = series.length;
  if (n > longSeries) return batchedTime(series, Math.ceil(n / longSeries));
  const centred = Float64Array.from(series);
  const centre = mean(centred) ?? 0;
  let scale = 0;
  for (let i = 0; i < n; i++) {
    const value = (centred[i] as number) - centre;
    centred[i] = value;
    scale = Math.max(scale, Math.abs(value));
  }
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (centred[i] as number) ** 2;
  // A spread at the level of rounding is a constant.
  if (n < 4 || scale <= 1e-12 * Math.abs(centre) || variance === 0) return 1;
  const correlation = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (centred[i] as number) * (centred[i - lag] as number);
    return sum / variance;
  };

  const first = correlation(1);
  let pair = 1 + first;
  let tau = -1 + 2 * pair;
  let running = first;
  let significant = running * Math.sqrt(n) > significance;
  // Past n / 40 the series holds too few independent stretches for any use of the figure.
  for (let lag = 2; lag + 1 < n / 2 && tau < n / 40 + 1; lag += 2) {
    const even = correlation(lag);
    const odd = correlation(lag + 1);
    if (even + odd <= 0) break;
    pair = Math.min(pair, even + odd);
    tau += 2 * pair;
    running += even + odd;
    if (running > significance * Math.sqrt((lag + 1) / n)) significant = true;
  }
  if (!significant) return 1;
  const autoregressive = first > 0 && first < 1 ? (1 + first) / (1 - first) : 1;
  return Math.max(1, tau, autoregressive);
}

function batchedTime(series: ArrayLike<number>, size: number): number {
  const batches = Math.floor(series.length / size);
  const means = new Float64Array(batches);
  let sum = 0;
  let squares = 0;
  const centre = mean(series) ?? 0;
  for (let b = 0; b < batches; b++) {
    let batch = 0;
    for (let i = b * size; i < (b + 1) * size; i++) {
      const value = (series[i] as number) - centre;
      batch += value;
      squares += value * value;
    }
    means[b] = batch / size;
    sum += (batch / size) ** 2;
  }
  if (squares === 0) return 1;
  const withinBatches = (size * sum * size) / squares;
  // Independent values give 1 with a standard deviation of sqrt(2 / batches).
  const noise = 1 + significance * Math.sqrt(2 / batches);
  const between = autocorrelationTime(means);
  const tau = withinBatches * between;
  return between === 1 && withinBatches < noise ? 1 : Math.max(1, tau);
}

/** Number of independent values that would give a mean of the same precision: n / tau. */
export function effectiveSampleSize(series: ArrayLike<number>): number {
  return series.length === 0 ? 0 : series.length / autocorrelationTime(series);
}

/**
 * Length of the blocks that keep dependence of autocorrelation time tau inside them. The variance
 * from blocks of length L is low by (tau^2 - 1) / (2 tau L) for a first-order autoregression
 * (Kuensch 1989, the bias term); the length holds that to 5 %. 1 for independent values.
 */
export function blockLengthFor(tau: number): number {
  return Math.max(1, Math.ceil(10 * (tau - 1 / tau)));
}
