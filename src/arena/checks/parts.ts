import type { TokenScore } from '../judge/ports.ts';
import type { CheckVerdict } from './check.ts';
import { fail, flag, pass } from './check.ts';
import { percent, share } from './numbers.ts';
import { excessNats, hardShare, joined, type Replay } from './replay.ts';

/** Nats a token above the limit of all: parts of honest answers differ a little. */
const partAllowance = 0.1;
/** Of greedy tokens. */
const hardPart = 0.15;
const hardAnswer = 0.25;
const leastTokens = 100;
const leastOfAnswer = 10;
/** So many answers that are beyond a limit each: of honest ones at the limit on average 2 in 12,000 were. */
const oddAnswers = 3;
const oddShare = 0.15;

/**
 * What is hidden in an average: answers that are worse from some token on, or some answers that are
 * worse than all others. The same limit, for each half of all answers, and for each answer.
 * @param limitNats of sampled tokens, above the reference's own; null = greedy ones
 */
export function judgeParts(
  each: readonly (readonly TokenScore[])[],
  limitNats: number | null,
): CheckVerdict {
  const halves = ['first', 'second'].map((name, at) => {
    const tokens = joined(each.map((one) => halfOf(one, at)));
    return {
      name,
      tokens,
      beyond: tokens.tokens.length >= leastTokens && isBeyond(tokens, limitNats),
    };
  });
  const long = each.filter((one) => one.length >= leastOfAnswer);
  const worse = long.filter((tokens) => isBeyond({ answers: 1, tokens }, limitNats, hardAnswer));
  const told = `${halves.map(({ name, tokens }) => `${name} halves ${tell(tokens, limitNats)}`).join(', ')}; ${share(worse.length, long.length)} answers beyond the limit by themselves`;
  const many = worse.length >= oddAnswers && worse.length > oddShare * long.length;
  if (many || halves.some(({ beyond }) => beyond)) return fail(told);
  return worse.length >= oddAnswers ? flag(told) : pass(told);
}

const halfOf = (tokens: readonly TokenScore[], which: number) => {
  const middle = tokens.length >> 1;
  return which === 0 ? tokens.slice(0, middle) : tokens.slice(middle);
};

/** Beyond three standard errors. */
function isBeyond(replay: Replay, limitNats: number | null, hard = hardPart): boolean {
  if (limitNats === null) return (hardShare(replay) ?? 0) > hard;
  const { mean, se } = excessNats(replay) ?? { mean: 0, se: 0 };
  return mean - 3 * se > limitNats + partAllowance;
}

function tell(replay: Replay, limitNats: number | null): string {
  if (limitNats === null) return percent(hardShare(replay) ?? 0);
  return (excessNats(replay)?.mean ?? 0).toFixed(3);
}
