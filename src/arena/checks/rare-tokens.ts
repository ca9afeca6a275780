import { clopperPearson } from '../../stats/index.ts';
import type { CheckVerdict } from './check.ts';
import type { Replay } from './replay.ts';

/** A token is rare where it and all that are no more probable have this probability together. */
const rareTail = 1e-4;
/** Five times what pure sampling has at the most, for other arithmetic and rougher weights. */
const allowedShare = 5 * rareTail;

interface RareTokens {
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
 * Sampling chooses one of the rarest 0.01 % in at most 0.01 % of the places, whatever stands before
 * and however much answers loop; engines that cut the tail off, and greedy ones, do so less. Text that
 * was not sampled is rare where it is joined to what was, however likely it is as a whole.
 */
export function judgeRare({ tokens, rare }: RareTokens): CheckVerdict {
  const evidence = `${rare} of ${tokens} are of the rarest 0.01 % in their place, ${(100 * allowedShare).toFixed(2)} % allowed`;
  // One-sided 99.9 %, and 99 %.
  if (clopperPearson(rare, tokens, 0.998).low > allowedShare) return { verdict: 'fail', evidence };
  const odd = clopperPearson(rare, tokens, 0.98).low > allowedShare;
  return { verdict: odd ? 'flag' : 'pass', evidence };
}
