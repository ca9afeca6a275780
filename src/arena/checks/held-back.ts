import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check } from './check.ts';
import { outputTokensOf, shortPromptTokens } from './lengths.ts';
import { decodeMs, judgePairs } from './timing-pairs.ts';

const pairs = 8;

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
        const long = outputTokensOf(size);
        for (let at = 0; at < pairs; at++) {
          for (const outputTokens of [Math.max(2, Math.floor(long / 8)), long]) {
            const seed = seedOf(`held-back/${at}/${outputTokens}`);
            asks.push(await makeAsk({ seed, inputTokens: shortPromptTokens(size), outputTokens }));
          }
        }
      },
      async probe({ ask }) {
        answers = await ask('held-back', asks);
      },
      async verdict() {
        const told = Array.from({ length: pairs }, (_, at) => answers.slice(2 * at, 2 * at + 2));
        const both = told.flatMap(([short, long]) => {
          if (short?.ttftMs == null || long?.ttftMs == null) return [];
          const spans = [decodeMs(short) ?? 0, decodeMs(long) ?? 0] as const;
          return [{ honest: spans, other: [short.ttftMs, long.ttftMs] as const }];
        });
        return judgePairs(both, {
          honest: 'time from first to last token of a short and a long answer',
          other: 'the time to the first token',
          larger: 'a long answer',
        });
      },
    };
  },
};
