import { pairedEffect, type TEffect } from './t-effect.ts';

/**
 * The mean over strata of each stratum's mean, strata weighing the same: independent, variances of
 * their own (Welch 1947, degrees of freedom by Satterthwaite 1946).
 * @returns null where there is no stratum or one has fewer than two values
 */
export function meanOfStrata(strata: readonly (readonly number[])[]): TEffect | null {
  const effects = strata.map(pairedEffect);
  if (effects.length === 0 || effects.includes(null)) return null;
  const k = effects.length;
  const parts = (effects as TEffect[]).map(({ standardError, df }) => ({
    variance: (standardError / k) ** 2,
    df,
  }));
  const estimate = (effects as TEffect[]).reduce((sum, effect) => sum + effect.estimate, 0) / k;
  return { estimate, ...addVariances(parts) };
}

/**
 * Mean of the strata of b minus that of a, everything independent; with one stratum each it is
 * Welch's t.
 * @returns null where either has no mean with a spread
 */
export function differenceOfStrata(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): TEffect | null {
  const [from, to] = [meanOfStrata(a), meanOfStrata(b)];
  if (from === null || to === null) return null;
  const parts = [from, to].map(({ standardError, df }) => ({ variance: standardError ** 2, df }));
  return { estimate: to.estimate - from.estimate, ...addVariances(parts) };
}

function addVariances(parts: readonly { variance: number; df: number }[]) {
  const sum = parts.reduce((total, { variance }) => total + variance, 0);
  const weights = parts.reduce((total, { variance, df }) => total + variance ** 2 / df, 0);
  const df = weights === 0 ? parts.reduce((total, part) => total + part.df, 0) : sum ** 2 / weights;
  return { standardError: Math.sqrt(sum), df };
}
