import { createRng } from '../../core/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { hidden } from './canary-answer.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { longPromptTokens } from './lengths.ts';
import { percent, share } from './numbers.ts';
import { hardShare, replay } from './replay.ts';

/**
 * Where the number stands, as a share of the prompt: a server may leave out any part but the end, which
 * asks for it. Of a number in front there are two, as that is where most is cut.
 */
const places = [0, 0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
const prompts = places.length;
const outputTokens = 16;

/**
 * Long prompts that are asked for a number in them at the end. Who reads only a part of them answers
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
        for (const [at, headAt] of places.entries()) {
          const seed = seedOf(`truncation/${at}`);
          const rng = createRng(seed, 'needle');
          const needle = String(10_000 + rng.int(90_000));
          needles.push(needle);
          asks.push(
            await makeAsk({
              ...{ seed, inputTokens: longPromptTokens(size), outputTokens, temperature: 0 },
              ...hidden(needle),
              headAt,
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
        const told = `${prompts} prompts of ${asks[0]?.inputTokens} tokens: the reference found the number in ${share(known, prompts)}, the server missed ${missed} of these; ${percent(hard)} of ${replayed.tokens.length} tokens are far from the reference's choice`;
        if (hard > 0.2 || (known >= 3 && missed >= 3)) return fail(told);
        return hard > 0.05 || missed > 0 ? flag(told) : pass(told);
      },
    };
  },
};
