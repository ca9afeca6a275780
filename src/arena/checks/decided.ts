import type { CheckVerdict } from './check.ts';
import { fail, flag, notRun, pass } from './check.ts';
import { share } from './numbers.ts';
import { hardGapNats, type Replay } from './replay.ts';

const leastTokens = 60;
const apart = 0.1;
const odd = 0.03;

/**
 * Two sets of greedy tokens, by those alone in whose place the reference had no near tie: its first
 * choice 2 nats above its second. There, honest arithmetic of any kind chooses the same.
 */
export function judgeDecided(own: Replay, other: Replay): CheckVerdict {
  const [mine, theirs] = [own, other].map(({ tokens }) => {
    const clear = tokens.filter(({ topMarginNats }) => topMarginNats > hardGapNats);
    return { clear: clear.length, missed: clear.filter(({ rank }) => rank > 0).length };
  });
  if (mine === undefined || theirs === undefined) return notRun('nothing to compare');
  const told = `of those without a near tie ${share(mine.missed, mine.clear)} and ${share(theirs.missed, theirs.clear)} are another than the reference's choice`;
  if (Math.min(mine.clear, theirs.clear) < leastTokens) return notRun(told);
  const difference = Math.abs(mine.missed / mine.clear - theirs.missed / theirs.clear);
  if (difference > apart) return fail(told);
  return difference > odd ? flag(told) : pass(told);
}
