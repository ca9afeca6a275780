import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, notRun } from './check.ts';
import { drawLengths, longPromptTokens } from './lengths.ts';
import {
  askRounds,
  firstGapMs,
  judgePairs,
  mostRounds,
  type PairsVerdict,
  pairsPerRound,
} from './timing-pairs.ts';

/** Enough for a second chunk also where chunks are large. */
const outputTokens = 24;
/** Of a triple: a prompt of a quarter of the tokens, one of the timed traffic's form, a long one. */
const perTriple = 3;

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
        for (let at = 0; at < mostRounds * pairsPerRound; at++) {
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
        answers = await askRounds(ask, 'first-chunk', asks, judgeBoth);
      },
      async verdict() {
        const { verdict, evidence } = judgeBoth(answers);
        return { verdict, evidence };
      },
    };
  },
};

/** The worse of the two. */
function judgeBoth(answers: readonly Answer[]): PairsVerdict {
  const both = [judgeFrom(answers, 0), judgeFrom(answers, 1)] as const;
  const [quarter, whole] = both;
  const worse = whole.verdict === 'fail' || quarter.verdict === 'pass' ? whole : quarter;
  return { ...worse, clear: worse.verdict === 'fail' || both.every(({ clear }) => clear) };
}

/** A prompt of each triple against the next longer one. */
function judgeFrom(answers: readonly Answer[], place: number): PairsVerdict {
  const pairs = Array.from({ length: answers.length / perTriple }, (_, at) => {
    const from = perTriple * at + place;
    return answers.slice(from, from + 2);
  }).flatMap(([short, long]) => {
    const [a, b] = [short?.ttftMs, long?.ttftMs];
    if (short === undefined || long === undefined || a == null || b == null) return [];
    const [gap, longGap] = [firstGapMs(short), firstGapMs(long)];
    const extraTokens = long.ask.inputTokens - short.ask.inputTokens;
    if (gap === null || longGap === null || extraTokens <= 0) return [];
    return [{ honest: [a, b], other: [gap, longGap], extraTokens } as const];
  });
  if (pairs.length === 0) return { ...notRun('no probe had two chunks'), clear: false };
  return judgePairs(pairs, {
    honest: 'time to the first chunk of a short and a longer prompt',
    other: 'the gap behind the first chunk',
    larger: 'a longer prompt',
  });
}
