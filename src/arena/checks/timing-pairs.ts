import { binomialCdf, rankSumTest } from '../../stats/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { type CheckVerdict, fail, flag, type Lab, notRun, pass } from './check.ts';
import { median, ms, percent, share } from './numbers.ts';

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
const displaced = 0.25;
/**
 * Mere unrest puts a time to either side. A rank sum that it gives less often than `clearBy` fails
 * a server, at any of four looks, or lets it go; one less often than `flagBy` is told.
 */
const clearBy = 0.002;
const flagBy = 0.05;
/** Of pairs that are so far apart, more one way than the other by unrest less often than so. */
const farApart = 0.5;
const apartBy = 0.001;
/** Below these, the larger request takes no longer to speak of. */
const leastMs = 5;
const leastShare = 0.2;

/** Pairs asked at a time, and how often at most. */
export const pairsPerRound = 8;
export const mostRounds = 4;

/**
 * Whether what a larger request costs was spent in the wrong place: the larger ones' time there,
 * less what is allowed of their cost, against the smaller ones', by ranks (Mann & Whitney 1947). What
 * slows a request down is as likely in the other one of its pair, and one bad moment is one rank.
 * A server that is honest with a part of the requests is hidden from ranks: so of the pairs that are
 * far apart, as many have to be so the one way as the other (sign test). What a token costs is the
 * median of all pairs.
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
    // On a busy machine a first impression; each further round costs little.
    return { ...pass(told), clear: false };
  }
  const costs = pairs.map(({ extraTokens }) => cost * extraTokens);
  const test = rankSumTest(
    pairs.map(({ other }) => other[0]),
    pairs.map(({ other }, at) => other[1] - displaced * (costs[at] ?? 0)),
  );
  const { largerP = 1, smallerP = 1 } = test ?? {};
  const shares = pairs.map(({ other }, at) => (other[1] - other[0]) / (costs[at] ?? 1));
  const [bad, far, opposite] = [
    shares.filter((one) => one > displaced).length,
    shares.filter((one) => one > farApart).length,
    shares.filter((one) => one < -farApart).length,
  ];
  const apartP = 1 - binomialCdf(far - 1, far + opposite, 0.5);
  const told = `in ${share(bad, pairs.length)} pairs more than ${100 * displaced} % of the time that ${words.larger} costs lies in ${words.other}, in ${far} more than half of it, in ${opposite} as much the other way (${seen}; by unrest in ${percent(Math.min(largerP, apartP))} of such tests)`;
  if (largerP < clearBy || apartP < apartBy) return { ...fail(told), clear: true };
  const verdict = Math.min(largerP, apartP) < flagBy ? flag(told) : pass(told);
  return { ...verdict, clear: smallerP < clearBy && apartP > flagBy };
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

/** How many times as fast as in the fastest probe a server may be where speed counts. */
const fasterFlag = 1.5;
const fasterFail = 2.5;

/**
 * Load and another launch make a time longer, never shorter: the shortest of the probes says what
 * the server can do alone. Null without times on both sides.
 * @param leastMs less is a mood of the machine
 */
export function judgeFaster(
  probedMs: readonly number[],
  countedMs: readonly number[],
  leastMs: number,
  tell: (shortest: string, usual: string) => string,
): CheckVerdict | null {
  const [shortest, usual] = [Math.min(...probedMs), median(countedMs)];
  if (!Number.isFinite(shortest) || usual === null) return null;
  const told = tell(ms(shortest), ms(usual));
  if (shortest > Math.max(fasterFail * usual, usual + leastMs)) return fail(told);
  return shortest > fasterFlag * usual + leastMs ? flag(told) : pass(told);
}

/** From the first token-bearing chunk to the last; null for a single one. */
export function decodeMs({ chunkAtMs }: Answer): number | null {
  const [first] = chunkAtMs;
  const last = chunkAtMs.at(-1);
  return chunkAtMs.length < 2 || first === undefined || last === undefined ? null : last - first;
}
