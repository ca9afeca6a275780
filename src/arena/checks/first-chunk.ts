import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, notRun } from './check.ts';
import { longPromptTokens, shortPromptTokens } from './lengths.ts';
import { firstGapMs, judgePairs } from './timing-pairs.ts';

const pairs = 4;
/** Enough for a second chunk also where chunks are large. */
const outputTokens = 24;

/**
 * The prompt has to be read before the first token: a chunk that comes earlier says nothing of the
 * server, and then the time that a longer prompt takes lies behind the first chunk.
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
        for (let at = 0; at < pairs; at++) {
          for (const inputTokens of [shortPromptTokens(size), longPromptTokens(size)]) {
            const seed = seedOf(`first-chunk/${at}/${inputTokens}`);
            asks.push(await makeAsk({ seed, inputTokens, outputTokens }));
          }
        }
      },
      async probe({ ask }) {
        answers = await ask('first-chunk', asks);
      },
      async verdict() {
        const seen = Array.from({ length: pairs }, (_, at) => answers.slice(2 * at, 2 * at + 2));
        const both = seen.flatMap(([short, long]) => {
          const told = [short, long].map((one) => ({
            ttft: one?.ttftMs ?? null,
            gap: one === undefined ? null : firstGapMs(one),
          }));
          const [a, b] = told;
          if (a?.ttft == null || b?.ttft == null || a.gap === null || b.gap === null) return [];
          return [{ honest: [a.ttft, b.ttft], other: [a.gap, b.gap] } as const];
        });
        if (both.length === 0) return notRun('no probe had two chunks');
        return judgePairs(both, {
          honest: 'time to the first chunk of a short and a long prompt',
          other: 'the gap behind the first chunk',
          larger: 'a long prompt',
        });
      },
    };
  },
};
