import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check } from './check.ts';
import { drawLengths } from './lengths.ts';
import {
  askRounds,
  decodeMs,
  judgeFaster,
  judgePairs,
  mostRounds,
  type PairsVerdict,
  pairsPerRound,
} from './timing-pairs.ts';

/** Of the longest answer: what is held back of a few tokens does not show. */
const least = 0.5;

/**
 * Tokens have to be sent as they are made: who holds an answer back until it is whole, and then sends
 * it at once, has no time per output token to speak of. Then the time that a longer answer takes
 * lies in front of its first token.
 */
export const heldBack: Check = {
  id: 'held-back',
  kind: 'integrity',
  required: always,
  open() {
    const asks: Ask[] = [];
    let answers: Answer[] = [];
    return {
      async prepare({ size, seedOf, makeAsk }) {
        for (let at = 0; at < mostRounds * pairsPerRound; at++) {
          const { inputTokens, outputTokens: long } = drawLengths(
            size,
            seedOf(`held-back/${at}`),
            least,
          );
          for (const outputTokens of [Math.max(2, Math.floor(long / 8)), long]) {
            const seed = seedOf(`held-back/${at}/${outputTokens}`);
            asks.push(await makeAsk({ seed, inputTokens, outputTokens }));
          }
        }
      },
      async probe({ ask }) {
        answers = await askRounds(ask, 'held-back', asks, judgeProbes);
      },
      async verdict({ timed }) {
        const { verdict, evidence } = judgeProbes(answers);
        const probed = { verdict, evidence };
        if (probed.verdict === 'fail') return probed;
        const same = judgeTimed(
          answers.filter((_, at) => at % 2 === 1),
          timed.flatMap((one) => one.answers),
        );
        return same === null || same.verdict === 'pass' ? probed : same;
      },
    };
  },
};

function judgeProbes(answers: readonly Answer[]): PairsVerdict {
  const told = Array.from({ length: answers.length / 2 }, (_, at) => answers.slice(2 * at));
  const pairs = told.flatMap(([short, long]) => {
    if (short?.ttftMs == null || long?.ttftMs == null) return [];
    const spans = [decodeMs(short) ?? 0, decodeMs(long) ?? 0] as const;
    const extraTokens = long.ask.outputTokens - short.ask.outputTokens;
    return [{ honest: spans, other: [short.ttftMs, long.ttftMs] as const, extraTokens }];
  });
  return judgePairs(pairs, {
    honest: 'time from first to last token of a short and a long answer',
    other: 'the time to the first token',
    larger: 'a long answer',
  });
}

/**
 * Tokens of the timed traffic come from another launch than those of the probes: a server that
 * tells the two apart has another time per token in each. Load makes it longer, never shorter, so
 * the fastest of the probes says what the server can do alone.
 */
const judgeTimed = (probes: readonly Answer[], timed: readonly Answer[]) =>
  judgeFaster(
    tokenTimes(probes),
    tokenTimes(timed),
    0,
    (fastest, usual) =>
      `a token took ${fastest} or more when it was probed and ${usual} where speed counts`,
  );

const tokenTimes = (answers: readonly Answer[]) =>
  answers.flatMap((one) => (one.outcome === 'ok' ? perToken(one) : []));

/** Milliseconds; none for an answer that comes in one piece. */
function perToken(answer: Answer): number[] {
  const span = decodeMs(answer);
  return span === null ? [] : [span / Math.max(1, answer.ask.outputTokens)];
}
