import type { ScoringRules, Standing } from '../../model/index.ts';
import { differenceOfStrata, holmAdjusted, letterGroups, tTestP } from '../../stats/index.ts';
import { toScale } from './summarize-runs.ts';

/** What a row is ranked by. */
export interface RankedRow {
  id: string;
  mean: number;
  /** Scores of its runs, by scenario. */
  scores: readonly (readonly number[])[];
}

const alpha = 0.05;

/**
 * Ranks by mean, and what the repeats allow to say about them: every pair is tested (Welch's t on
 * the scale of the rules, over all scenarios), corrected together (Holm). A row's rank lies between
 * the number of rows found better and the number found worse, for all rows at once with 95 %
 * confidence; rows that share a letter were not found to differ. A pair without a spread to test
 * with, such as single runs, is not told apart.
 */
export function rankRows(rows: readonly RankedRow[], rules: ScoringRules): Standing[] {
  const order = rows.toSorted((a, b) => b.mean - a.mean || (a.id < b.id ? -1 : 1));
  const pairs = order.flatMap((_, i) => order.slice(i + 1).map((__, k) => ({ i, j: i + 1 + k })));
  const effects = pairs.map(({ i, j }) => compare(order[i], order[j], rules));
  const adjusted = holmAdjusted(effects.map(({ p }) => p));
  // better[i] holds the rows that i was found to beat.
  const better = order.map(() => new Set<number>());
  pairs.forEach(({ i, j }, at) => {
    if ((adjusted[at] ?? 1) > alpha) return;
    if ((effects[at]?.estimate ?? 0) < 0) better[i]?.add(j);
    else better[j]?.add(i);
  });
  const beats = (i: number, j: number) => better[i]?.has(j) === true;
  const groups = letterGroups(order.length, (i, j) => beats(i, j) || beats(j, i));
  return order.map(({ id, mean }, i) => {
    const rank = 1 + order.filter((other) => other.mean > mean).length;
    const low = 1 + order.filter((_, j) => beats(j, i)).length;
    const high = order.length - (better[i]?.size ?? 0);
    // Means and tests look at different centres: where they disagree, neither is certain.
    const [from, to] = [Math.min(low, rank), Math.max(high, rank)];
    return { row: id, rank, low: from, high: to, groups: groups[i] ?? '' };
  });
}

/** The second minus the first; p = 1 where there is nothing to test with. */
function compare(
  a: RankedRow | undefined,
  b: RankedRow | undefined,
  rules: ScoringRules,
): { p: number; estimate: number } {
  const [from, to] = [a, b].map((row) => (row === undefined ? null : toScale(row.scores, rules)));
  const effect = from && to ? differenceOfStrata(from, to) : null;
  if (effect === null || effect.standardError === 0) return { p: 1, estimate: 0 };
  return { p: tTestP(effect), estimate: effect.estimate };
}
