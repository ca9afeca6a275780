import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, type CheckVerdict, notRun } from './check.ts';
import { drawLengths, longPromptTokens } from './lengths.ts';
import { firstGapMs, judgePairs } from './timing-pairs.ts';

const rounds = 4;
/** Enough for a second chunk also where chunks are large. */
const outputTokens = 24;
/** Of a round: a prompt of a quarter of the tokens, one of the timed traffic's form, a long one. */
const perRound = 3;

/**
 * The prompt has to be read before the first token: a chunk that comes earlier says nothing of the
 * server, and then the time that a longer prompt takes lies behind the first chunk. A server that
 * is early with what looks like timed traffic alone is caught as the longer one of the first pair.
 */
export const firstChunk: Check = {
  id: 'first-chunk',
  kind: 'integrity',
  required: always,
  open() {
    const asks: Ask[] = [];
    let answers: Answer[] = [];
    return {
      async prepare({ size, seedOf, makeAsk }) {
        for (let at = 0; at < rounds; at++) {
          const timed = drawLengths(size, seedOf(`first-chunk/${at}`));
          const all = [
            { inputTokens: Math.ceil(timed.inputTokens / 4), outputTokens },
            timed,
            { inputTokens: longPromptTokens(size), outputTokens },
          ];
          for (const [place, lengths] of all.entries()) {
            asks.push(await makeAsk({ seed: seedOf(`first-chunk/${at}/${place}`), ...lengths }));
          }
        }
      },
      async probe({ ask }) {
        answers = await ask('first-chunk', asks);
      },
      async verdict() {
        const [quarter, whole] = [judgeFrom(answers, 0), judgeFrom(answers, 1)];
        return whole.verdict === 'fail' || quarter.verdict === 'pass' ? whole : quarter;
      },
    };
  },
};

/** A prompt of each round against the next longer one. */
function judgeFrom(answers: readonly Answer[], place: number): CheckVerdict {
  const pairs = Array.from({ length: rounds }, (_, at) => {
    const from = perRound * at + place;
    return answers.slice(from, from + 2);
  }).flatMap(([short, long]) => {
    const told = [short, long].map((one) => ({
      ttft: one?.ttftMs ?? null,
      gap: one === undefined ? null : firstGapMs(one),
    }));
    const [a, b] = told;
    if (a?.ttft == null || b?.ttft == null || a.gap === null || b.gap === null) return [];
    return [{ honest: [a.ttft, b.ttft], other: [a.gap, b.gap] } as const];
  });
  if (pairs.length === 0) return notRun('no probe had two chunks');
  return judgePairs(pairs, {
    honest: 'time to the first chunk of a short and a longer prompt',
    other: 'the gap behind the first chunk',
    larger: 'a longer prompt',
  });
}
