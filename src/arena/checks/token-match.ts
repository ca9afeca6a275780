import { clopperPearson, nestedBootstrap } from '../../stats/index.ts';
import type { AnswerPair, Evidence } from './check.ts';
import { percent, sum } from './numbers.ts';

/** Greedy answers against the reference's: the figure that scoring of the gated form needs. */
export interface TokenMatch {
  /** Mean over prompts: tokens in common from the start, of those that the reference gave. */
  tokenMatchShare: number;
  prompts: number;
  /** Prompts whose answer is the reference's whole one. */
  whole: number;
  /** 95 %, of the mean, over prompts; null for fewer than two. */
  interval: { low: number; high: number } | null;
}

/** @returns null without a pair */
export async function matchTokens(
  pairs: readonly AnswerPair[],
  countOutput: Evidence['countOutput'],
): Promise<TokenMatch | null> {
  if (pairs.length === 0) return null;
  const common = await countOutput(
    pairs.map(({ own, reference }) => ({
      ...reference,
      text: commonStart(own.text, reference.text),
    })),
  );
  const wanted = await countOutput(pairs.map(({ reference }) => reference));
  const shares = pairs.map(({ own, reference }, at) => {
    // A failed request matches nothing.
    if (own.outcome !== 'ok') return 0;
    if (own.text === reference.text) return 1;
    return Math.min(1, (common[at] ?? 0) / (wanted[at] || Infinity));
  });
  return {
    tokenMatchShare: sum(shares) / shares.length,
    prompts: shares.length,
    whole: shares.filter((one) => one === 1).length,
    interval: nestedBootstrap([[shares]], ([[values = []] = []]) => sum(values) / values.length, {
      ...{ seed: 0, purpose: 'token-match' },
    }),
  };
}

/** `16 timed greedy answers: 93 % of the tokens in common from the start (…), 12 of 16 whole (…)` */
export function tellMatch(match: TokenMatch, what: string): string {
  const { tokenMatchShare, prompts, whole, interval } = match;
  const bounds = ({ low, high }: { low: number; high: number }) =>
    `95 % interval ${percent(low)} to ${percent(high)}`;
  const mean = interval === null ? '' : ` (${bounds(interval)})`;
  return `${prompts} ${what}: ${percent(tokenMatchShare)} of the tokens in common from the start${mean}, ${whole} of ${prompts} whole (${bounds(clopperPearson(whole, prompts))})`;
}

const inWord = '[\\p{Script=Latin}\\p{N}]';
const wordEnd = new RegExp(`${inWord}+$`, 'u');
const wordStart = new RegExp(`^${inWord}`, 'u');

/** What two texts have in common from the start; a word that was begun is a token of neither. */
export function commonStart(own: string, wanted: string): string {
  let end = 0;
  while (end < own.length && own[end] === wanted[end]) end++;
  const common = own.slice(0, end);
  if (end === wanted.length) return common;
  const isCut = wordStart.test(own.slice(end)) || wordStart.test(wanted.slice(end));
  return (isCut ? common.replace(wordEnd, '') : common).trimEnd();
}
