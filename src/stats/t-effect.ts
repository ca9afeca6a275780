import { normalCdf, normalQuantile } from './normal.ts';
import { mean, stdev } from './quantile.ts';
import { studentTCdf, studentTQuantile } from './student-t.ts';

/** An estimated effect with its standard error; infinite `df` = normal. */
export interface TEffect {
  estimate: number;
  standardError: number;
  df: number;
}

/**
 * The mean of paired differences (log ratios of blocks): Student's one-sample t.
 * @returns null below two values
 */
export function pairedEffect(differences: readonly number[]): TEffect | null {
  const n = differences.length;
  if (n < 2) return null;
  const estimate = mean(differences) as number;
  return { estimate, standardError: Math.sqrt(varianceOf(differences) / n), df: n - 1 };
}

/**
 * mean(b) - mean(a) of independent samples with variances of their own (Welch 1947).
 * @returns null where a side has fewer than two values
 */
export function independentEffect(a: readonly number[], b: readonly number[]): TEffect | null {
  if (a.length < 2 || b.length < 2) return null;
  const estimate = (mean(b) as number) - (mean(a) as number);
  const partA = varianceOf(a) / a.length;
  const partB = varianceOf(b) / b.length;
  const sum = partA + partB;
  const weights = partA ** 2 / (a.length - 1) + partB ** 2 / (b.length - 1);
  const df = weights === 0 ? a.length + b.length - 2 : sum ** 2 / weights;
  return { estimate, standardError: Math.sqrt(sum), df };
}

/**
 * The one value of a side minus the mean of several of the other (`sign` 1), or the other way round
 * (-1): the spread of the several is taken to be that of the one as well, so the standard error is
 * that of a prediction, s sqrt(1 + 1/n). Student's two-sample t with one value on a side.
 * @returns null where the several are fewer than two
 */
export function predictionEffect(
  one: number,
  several: readonly number[],
  sign: 1 | -1 = 1,
): TEffect | null {
  const n = several.length;
  if (n < 2) return null;
  const estimate = sign * (one - (mean(several) as number));
  return { estimate, standardError: Math.sqrt(varianceOf(several) * (1 + 1 / n)), df: n - 1 };
}

/** Two-sided interval of an effect; `level` is its coverage. */
export function tInterval(effect: TEffect, level: number): { low: number; high: number } {
  const { estimate, standardError, df } = effect;
  const half = tQuantile(1 - (1 - level) / 2, df) * standardError;
  return { low: estimate - half, high: estimate + half };
}

/** Two-sided p-value against no effect. Without any spread: 1 at no effect, else 0. */
export function tTestP({ estimate, standardError, df }: TEffect): number {
  // Rounding of a logarithm is no effect.
  if (standardError === 0) return Math.abs(estimate) <= 1e-12 ? 1 : 0;
  const t = -Math.abs(estimate) / standardError;
  return 2 * (df === Number.POSITIVE_INFINITY ? normalCdf(t) : studentTCdf(t, df));
}

/**
 * Equivalence by two one-sided tests (Schuirmann 1987): at `alpha` an effect is within
 * (bounds.low, bounds.high) when its interval of coverage 1 - 2 alpha is.
 */
export function equivalenceTest(
  effect: TEffect,
  bounds: { low: number; high: number },
  alpha = 0.05,
): { low: number; high: number; equivalent: boolean } {
  const { low, high } = tInterval(effect, 1 - 2 * alpha);
  return { low, high, equivalent: low > bounds.low && high < bounds.high };
}

function tQuantile(p: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  const key = `${p} ${df}`;
  const found = quantiles.get(key) ?? studentTQuantile(p, df);
  if (Number.isInteger(df)) quantiles.set(key, found);
  return found;
}

/** A comparison asks for the same few again and again. */
const quantiles = new Map<string, number>();

function varianceOf(values: readonly number[]): number {
  const spread = stdev(values) ?? 0;
  // A spread at the level of rounding is none.
  return spread <= 1e-15 * Math.max(...values.map(Math.abs)) ? 0 : spread ** 2;
}
