import { binomialCdf } from '../../stats/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { type CheckVerdict, fail, flag, type Lab, notRun, pass } from './check.ts';
import { median, ms, share } from './numbers.ts';

/** Two parts of a time, each as the smaller and the larger request of a pair spent it. */
export interface TimingPair {
  /** What has to grow with the request, milliseconds: smaller, larger. */
  honest: readonly [number, number];
  /** What must not take its place. */
  other: readonly [number, number];
  /** Tokens that the larger one has more, above 0. */
  extraTokens: number;
}

export interface PairsVerdict extends CheckVerdict {
  /** More pairs would hardly change it. */
  clear: boolean;
}

/** Of what the larger request costs: what large chunks put in front is less, what pays is more. */
const displaced = 0.35;
/**
 * Mere unrest puts a time to either side. So few or fewer of a coin's throws come less often than
 * this: a server fails by the one, four looks at the coin included, and is let go by the other.
 */
const failBy = 0.005;
const passBy = 0.05;
/** Below these, the larger request takes no longer to speak of. */
const leastMs = 5;
const leastShare = 0.2;

/** Pairs asked at a time, and how often at most. */
export const pairsPerRound = 8;
export const mostRounds = 4;

/**
 * In how many pairs the time that a larger request costs was spent in the wrong place: sign test of
 * a difference of differences, so whatever slows a whole pair falls out, and what slows one request
 * is as likely in the other. What a token costs is the median of all pairs.
 */
export function judgePairs(
  pairs: readonly TimingPair[],
  words: { honest: string; other: string; larger: string },
): PairsVerdict {
  const [first] = pairs;
  if (first === undefined) {
    return { ...notRun('the server did not answer the probes'), clear: false };
  }
  const totals = pairs.map(({ honest, other }) => [honest[0] + other[0], honest[1] + other[1]]);
  const grown = totals.map(([small = 0, large = 0]) => large - small);
  const cost = median(grown.map((one, at) => one / (pairs[at]?.extraTokens ?? 1))) ?? 0;
  const seen = `${words.honest} ${ms(first.honest[0])} and ${ms(first.honest[1])}, ${words.other} ${ms(first.other[0])} and ${ms(first.other[1])}`;
  const more = median(grown) ?? 0;
  const small = median(totals.map(([one = 0]) => one)) ?? 0;
  if (more < Math.max(leastMs, leastShare * small)) {
    const told = `${words.larger} took hardly longer: nothing to displace (${seen})`;
    return { ...pass(told), clear: true };
  }
  const bad = pairs.filter(
    ({ other, extraTokens }) => other[1] - other[0] > displaced * cost * extraTokens,
  ).length;
  const told = `in ${share(bad, pairs.length)} pairs more than ${100 * displaced} % of the time that ${words.larger} costs lies in ${words.other} (${seen})`;
  if (1 - binomialCdf(bad - 1, pairs.length, 0.5) < failBy) return { ...fail(told), clear: true };
  const clear = binomialCdf(bad, pairs.length, 0.5) < passBy;
  return { ...(2 * bad > pairs.length ? flag(told) : pass(told)), clear };
}

/** Asks round after round until the verdict is clear: a quiet machine needs one. */
export async function askRounds(
  ask: Lab['ask'],
  id: string,
  asks: readonly Ask[],
  judge: (answers: readonly Answer[]) => PairsVerdict,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const perRound = asks.length / mostRounds;
  for (let round = 0; round < mostRounds; round++) {
    const from = round * perRound;
    answers.push(...(await ask(id, asks.slice(from, from + perRound))));
    if (judge(answers).clear) break;
  }
  return answers;
}

/** Milliseconds from the first token-bearing chunk to the next; null without a second. */
export function firstGapMs({ chunkAtMs }: Answer): number | null {
  const [first, second] = chunkAtMs;
  return first === undefined || second === undefined ? null : second - first;
}

/** From the first token-bearing chunk to the last; null for a single one. */
export function decodeMs({ chunkAtMs }: Answer): number | null {
  const [first] = chunkAtMs;
  const last = chunkAtMs.at(-1);
  return chunkAtMs.length < 2 || first === undefined || last === undefined ? null : last - first;
}
