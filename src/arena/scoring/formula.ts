import type { ScoringRules } from '../../model/index.ts';
import { mean } from '../../stats/index.ts';
import { geometricMean } from './speedup.ts';

/**
 * The score of one server launch by the rules' formula, before any fallback.
 *
 * @param speedup null = not measured, which is allowed below the correctness that is asked for
 * @param tokenMatchShare mean greedy token match, 0-1; only the form correctness_gated reads it
 * @returns null where a figure that the formula needs is missing
 */
export function formulaScore(
  rules: ScoringRules,
  speedup: number | null,
  tokenMatchShare: number | null,
): number | null {
  const { correctness } = rules;
  if (correctness === null) return speedup;
  if (tokenMatchShare === null) return null;
  const { atLeast, base, perSpeedup, perMatch } = correctness;
  if (tokenMatchShare < atLeast) return perMatch * tokenMatchShare;
  return speedup === null ? null : base + perSpeedup * speedup;
}

/** One run of several launches: their geometric mean, of the gated form the plain one. */
export function combineLaunches({ form }: ScoringRules, launchScores: readonly number[]): number {
  return form === 'speedup' ? geometricMean(launchScores) : (mean(launchScores) as number);
}

/** The score after the fallback for regressions, and what speed alone makes of the outcome. */
export function withFallback(
  { regression }: ScoringRules,
  score: number,
): { score: number; outcome: 'scored' | 'regressed' } {
  const { below, score: instead } = regression ?? { below: 1, score };
  return score < below ? { score: instead, outcome: 'regressed' } : { score, outcome: 'scored' };
}

/** The score of a run from those of its launches. */
export function runScore(rules: ScoringRules, launchScores: readonly number[]): number {
  return withFallback(rules, combineLaunches(rules, launchScores)).score;
}
