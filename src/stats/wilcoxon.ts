/** An exact rank test; `smallestP` is the least two-sided p that so many values can give. */
export interface RankTest {
  p: number;
  smallestP: number;
}

export interface RankSumTest extends RankTest {
  /** One-sided: that `b` comes out so large, and so small, where both are alike. */
  largerP: number;
  smallerP: number;
}

/**
 * Wilcoxon's signed-rank test, two-sided and exact (Wilcoxon 1945): zero differences are left out,
 * equal magnitudes get their mean rank, and the distribution is the conditional one given the
 * ranks. Differences within 1e-12 of the largest are equal.
 *
 * @returns null where every difference is zero, or there is none
 */
export function signedRankTest(differences: readonly number[]): RankTest | null {
  const largest = Math.max(0, ...differences.map(Math.abs));
  const kept = differences.filter((d) => Math.abs(d) > 1e-12 * largest);
  if (kept.length === 0 || largest === 0) return null;
  const ranks = doubledRanks(kept.map(Math.abs), 1e-12 * largest);
  const observed = ranks.reduce((sum, rank, i) => sum + ((kept[i] ?? 0) > 0 ? rank : 0), 0);
  // ways[s] = share of sign choices whose positive ranks sum to s.
  let ways = new Float64Array([1]);
  for (const rank of ranks) {
    const next = new Float64Array(ways.length + rank);
    ways.forEach((share, s) => {
      next[s] = (next[s] as number) + share / 2;
      next[s + rank] = (next[s + rank] as number) + share / 2;
    });
    ways = next;
  }
  return { p: twoSided(ways, observed), smallestP: Math.min(1, 2 * 0.5 ** kept.length) };
}

/**
 * Wilcoxon's rank-sum test of two independent samples (Mann & Whitney 1947), exact given the
 * ranks; ties get their mean rank.
 *
 * @returns null where a sample is empty
 */
export function rankSumTest(a: readonly number[], b: readonly number[]): RankSumTest | null {
  if (a.length === 0 || b.length === 0) return null;
  const all = [...a, ...b];
  const ranks = doubledRanks(all, 1e-12 * Math.max(...all.map(Math.abs)));
  const observed = ranks.slice(a.length).reduce((sum, rank) => sum + rank, 0);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  // ways[k][s] = choices of k values whose ranks sum to s.
  const ways = Array.from({ length: b.length + 1 }, () => new Float64Array(total + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (const rank of ranks) {
    for (let k = b.length; k >= 1; k--) {
      const from = ways[k - 1] as Float64Array;
      const to = ways[k] as Float64Array;
      for (let s = total; s >= rank; s--) to[s] = (to[s] as number) + (from[s - rank] as number);
    }
  }
  const counts = ways[b.length] as Float64Array;
  const choices = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => count / choices);
  return {
    ...{ p: twoSided(shares, observed), smallestP: Math.min(1, 2 / choices) },
    ...tails(shares, observed),
  };
}

function twoSided(shares: Float64Array, observed: number): number {
  const { largerP, smallerP } = tails(shares, observed);
  return Math.min(1, 2 * Math.min(largerP, smallerP));
}

function tails(shares: Float64Array, observed: number): { largerP: number; smallerP: number } {
  let smallerP = 0;
  let largerP = 0;
  shares.forEach((share, s) => {
    if (s <= observed) smallerP += share;
    if (s >= observed) largerP += share;
  });
  return { largerP, smallerP };
}

/** Twice the ranks, whole numbers also where ties share one. */
function doubledRanks(values: readonly number[], tolerance: number): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    const valueAt = (at: number) => values[order[at] as number] as number;
    while (end < order.length && valueAt(end) - valueAt(end - 1) <= tolerance) end++;
    for (let i = start; i < end; i++) ranks[order[i] as number] = start + 1 + end;
    start = end;
  }
  return ranks;
}
