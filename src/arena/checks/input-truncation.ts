import { createRng } from '../../core/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { hidden } from './canary-answer.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { longPromptTokens } from './lengths.ts';
import { percent, share } from './numbers.ts';
import { hardShare, replay } from './replay.ts';

const prompts = 4;
const outputTokens = 16;

/**
 * Long prompts whose first words are asked for at the end. Who reads only a part of them answers
 * something else than the reference, which reads all.
 */
export const inputTruncation: Check = {
  id: 'input-truncation',
  kind: 'integrity',
  required: always,
  open() {
    const asks: Ask[] = [];
    const needles: string[] = [];
    let reference: Answer[] = [];
    let answers: Answer[] = [];
    return {
      async prepare({ size, seedOf, makeAsk, reference: server }) {
        for (let at = 0; at < prompts; at++) {
          const seed = seedOf(`truncation/${at}`);
          const rng = createRng(seed, 'needle');
          const needle = String(10_000 + rng.int(90_000));
          needles.push(needle);
          asks.push(
            await makeAsk({
              ...{ seed, inputTokens: longPromptTokens(size), outputTokens, temperature: 0 },
              ...hidden(needle),
            }),
          );
        }
        const traffic = { arrival: 'burst', maxInFlight: 1, rateRps: null, seed: 0 } as const;
        reference = await server.send({ id: 'truncation', asks, ...traffic, timed: false });
      },
      async probe({ ask }) {
        answers = await ask('truncation', asks);
      },
      async verdict({ oracle }) {
        const replayed = await replay(oracle, answers, 0);
        const hard = hardShare(replayed);
        if (hard === null) return notRun('no long prompt was answered');
        const has = (one: Answer | undefined, at: number) =>
          one?.text.replaceAll(/\D/g, '').includes(needles[at] ?? '?') === true;
        const able = reference.map(has);
        const known = able.filter(Boolean).length;
        const missed = answers.filter((one, at) => able[at] === true && !has(one, at)).length;
        const told = `${prompts} prompts of ${asks[0]?.inputTokens} tokens: the reference found their first words in ${share(known, prompts)}, the server missed ${missed} of these; ${percent(hard)} of ${replayed.tokens.length} tokens are far from the reference's choice`;
        if (hard > 0.2 || (known >= 3 && missed >= 3)) return fail(told);
        return hard > 0.05 || missed > 0 ? flag(told) : pass(told);
      },
    };
  },
};
