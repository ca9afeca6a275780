import type { Answer, Oracle, TokenScore } from '../judge/ports.ts';
import { sum } from './numbers.ts';

/** Replies as the reference sees them, token by token. */
export interface Replay {
  answers: number;
  tokens: readonly TokenScore[];
}

/** Replays answers through the reference; those that failed or are empty are left out. */
export async function replay(
  oracle: Oracle,
  answers: readonly Answer[],
  temperature: number,
): Promise<Replay> {
  return joined(await replayEach(oracle, answers, temperature));
}

/** The same, answer by answer. */
export async function replayEach(
  oracle: Oracle,
  answers: readonly Answer[],
  temperature: number,
): Promise<(readonly TokenScore[])[]> {
  const usable = answers.flatMap(({ ask, outcome, text }) => {
    // The length asked for may end within a character: what is left of it is no token of the answer.
    const whole = text.replace(/\uFFFD{1,3}$/, '');
    return outcome === 'ok' && whole !== '' ? [{ ask, text: whole }] : [];
  });
  const each: (readonly TokenScore[])[] = [];
  for (const { ask, text } of usable) each.push(await oracle.score(ask, text, temperature));
  return each;
}

export const joined = (each: readonly (readonly TokenScore[])[]): Replay => ({
  answers: each.length,
  tokens: each.flat(),
});

/** No more than `most`, spread evenly. */
export function sampleOf<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  const step = values.length / most;
  return Array.from({ length: most }, (_, i) => values[Math.floor(i * step)] as T);
}

/** A token this far below the most probable one was not chosen by arithmetic of another kind. */
export const hardGapNats = 2;

/** Share of the tokens that greedy decoding of the same model would not have chosen. */
export const hardShare = ({ tokens }: Replay) =>
  tokens.length === 0
    ? null
    : tokens.filter(({ gapNats }) => gapNats > hardGapNats).length / tokens.length;

/**
 * How much less probable sampled tokens are than samples of the reference would be, nats a token:
 * 0 for the same distribution, the divergence for another. Standard error from the reference's own
 * variance of surprise.
 */
export function excessNats({ tokens }: Replay): { mean: number; se: number } | null {
  if (tokens.length === 0) return null;
  // One impossible token must not outweigh hundreds: text encoded again has some odd ones.
  const surprise = (one: TokenScore) => Math.min(20, -one.logProb);
  const mean = sum(tokens.map((one) => surprise(one) - one.entropyNats)) / tokens.length;
  const variance = sum(tokens.map((one) => one.varianceNats2));
  return { mean, se: Math.sqrt(variance) / tokens.length };
}
