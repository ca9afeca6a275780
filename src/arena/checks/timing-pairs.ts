import { binomialCdf } from '../../stats/index.ts';
import type { Answer } from '../judge/ports.ts';
import type { CheckVerdict } from './check.ts';
import { fail, flag, notRun, pass } from './check.ts';
import { ms, share } from './numbers.ts';

/** Two parts of a time, each as the smaller and the larger request of a pair spent it. */
export interface TimingPair {
  /** What has to grow with the request, milliseconds: smaller, larger. */
  honest: readonly [number, number];
  /** What must not take its place. */
  other: readonly [number, number];
}

/** Pairs that have to agree for a verdict; one bad moment of a machine is not all of them. */
const mostOf = 0.75;
const displaced = 0.8;
/**
 * Half of it in so many pairs as mere unrest, which puts it to either side, brings to the same side
 * less often than one time in twenty (sign test): 7 of 8, 6 of 6.
 */
const halfDisplaced = 0.5;
const byUnrest = 0.05;

/**
 * Of the time that the larger request of each pair took longer, the share that was spent in the
 * wrong place. A difference of differences: whatever slows all of a pair falls out, and a pair whose
 * larger request took no longer at all says nothing.
 */
export function judgePairs(
  pairs: readonly TimingPair[],
  words: { honest: string; other: string; larger: string },
): CheckVerdict {
  if (pairs.length === 0) return notRun('the server did not answer the probes');
  const telling = pairs.flatMap(({ honest, other }) => {
    const [grownHonest, grownOther] = [honest[1] - honest[0], other[1] - other[0]];
    const total = Math.max(0, grownHonest) + Math.max(0, grownOther);
    // Half as long again at least: below that, the machine's own unrest decides.
    const grew = total > 0.5 * (honest[0] + other[0]) && total > 5;
    return grew ? [Math.max(0, grownOther) / total] : [];
  });
  const [first] = pairs;
  const seen = `${words.honest} ${ms(first?.honest[0] ?? null)} and ${ms(first?.honest[1] ?? null)}, ${words.other} ${ms(first?.other[0] ?? null)} and ${ms(first?.other[1] ?? null)}`;
  if (telling.length < mostOf * pairs.length) {
    return pass(`${words.larger} took hardly longer: nothing to displace (${seen})`);
  }
  const bad = telling.filter((one) => one > displaced).length;
  const told = `in ${share(bad, telling.length)} pairs more than ${100 * displaced} % of the time that ${words.larger} costs lies in ${words.other} (${seen})`;
  if (bad >= mostOf * telling.length) return fail(told);
  const half = telling.filter((one) => one > halfDisplaced).length;
  if (1 - binomialCdf(half - 1, telling.length, 0.5) < byUnrest) {
    return fail(`in ${share(half, telling.length)} pairs more than half of that time; ${told}`);
  }
  return bad > 0 ? flag(told) : pass(told);
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
