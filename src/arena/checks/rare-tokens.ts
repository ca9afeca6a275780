import { clopperPearson } from '../../stats/index.ts';
import type { CheckVerdict } from './check.ts';
import { percent } from './numbers.ts';
import type { Replay } from './replay.ts';

/** A token is rare where all tokens that are no more probable have this probability together. */
const rareTail = 0.01;
/** Shares of rare tokens that are shown to be exceeded: three and two times what pure sampling has. */
const failShare = 0.03;
const flagShare = 0.02;

export interface RareTokens {
  tokens: number;
  rare: number;
}

/** Null where the reference does not tell tails. */
export function rareTokensOf({ tokens }: Pick<Replay, 'tokens'>): RareTokens | null {
  let rare = 0;
  for (const { tailShare } of tokens) {
    if (tailShare === null) return null;
    if (tailShare <= rareTail) rare++;
  }
  return { tokens: tokens.length, rare };
}

/**
 * Sampling picks one of the rarest 1 % in at most 1 % of the places, whatever stands before: a
 * binomial bound that holds however much answers loop. Engines that cut the tail off pick fewer.
 * Text that was not sampled has them where it is joined to what was, however likely it is as a whole.
 */
export function judgeRare({ tokens, rare }: RareTokens): CheckVerdict {
  const least = clopperPearson(rare, tokens, 0.998).low;
  const evidence = `${percent(rare / tokens)} are of the rarest 1 % in their place (at least ${percent(least)} with 99.9 % confidence)`;
  if (least > failShare) return { verdict: 'fail', evidence };
  return { verdict: least > flagShare ? 'flag' : 'pass', evidence };
}
