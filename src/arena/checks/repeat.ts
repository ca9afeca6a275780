import type { Answer, Ask } from '../judge/ports.ts';
import {
  always,
  type Check,
  type CheckVerdict,
  fail,
  flag,
  notRun,
  type Preparation,
  pass,
} from './check.ts';
import { drawLengths } from './lengths.ts';
import { ms, share } from './numbers.ts';
import { decodeMs } from './timing-pairs.ts';

const prompts = 4;
/** Of the time that a fresh prompt takes: five times as fast is no mood of the machine. */
const collapsed = 0.2;
const odd = 0.6;
const mostOf = 0.75;
/** Of the longest answer: in a few tokens there is no time to save. */
const least = 0.5;

/**
 * The same prompt again has to be answered as slowly as one with a nonce: a prefix cache saves its
 * reading, never the making of the answer.
 */
export const repeat: Check = {
  id: 'repeat',
  kind: 'integrity',
  required: always,
  open() {
    let fresh: Ask[] = [];
    let answers: Answer[] = [];
    return {
      async prepare(prep) {
        fresh = await askFresh(prep, 'repeat');
      },
      async probe({ ask }) {
        // Each twice in a row, then all of them once more.
        answers = await ask('repeat', [...fresh.flatMap((one) => [one, one]), ...fresh]);
      },
      async verdict() {
        const pairs = fresh.flatMap((_, at) => {
          const first = answers[2 * at];
          return [answers[2 * at + 1], answers[2 * fresh.length + at]].map((again) => ({
            first,
            again,
          }));
        });
        return judgeRepeats(pairs, 'asked again');
      },
    };
  },
};

/** The same over a restart: what an earlier launch left behind must not answer for a later one. */
export const relaunch: Check = {
  id: 'relaunch',
  kind: 'integrity',
  required: always,
  open() {
    let known: Ask[] = [];
    let fresh: Ask[] = [];
    let answers: Answer[] = [];
    return {
      async prepare(prep) {
        known = await askFresh(prep, 'relaunch/known');
        fresh = await askFresh(prep, 'relaunch/fresh', 'relaunch/known');
      },
      async probe({ ask }) {
        await ask('relaunch-known', known);
      },
      async probeRelaunch({ ask }) {
        answers = await ask(
          'relaunch',
          known.flatMap((one, at) => [fresh[at] ?? one, one]),
        );
      },
      async verdict() {
        const pairs = known.map((_, at) => ({
          first: answers[2 * at],
          again: answers[2 * at + 1],
        }));
        return judgeRepeats(pairs, 'known to an earlier launch');
      },
    };
  },
};

/** @param lengths the purpose whose lengths these have too */
async function askFresh(
  { size, seedOf, makeAsk }: Preparation,
  purpose: string,
  lengths = purpose,
): Promise<Ask[]> {
  const asks: Ask[] = [];
  for (let at = 0; at < prompts; at++) {
    const seed = seedOf(`${purpose}/${at}`);
    asks.push(await makeAsk({ seed, ...drawLengths(size, seedOf(`${lengths}/${at}`), least) }));
  }
  return asks;
}

function judgeRepeats(
  pairs: readonly { first: Answer | undefined; again: Answer | undefined }[],
  what: string,
): CheckVerdict {
  const times = pairs.flatMap(({ first, again }) => {
    if (first?.outcome !== 'ok' || again?.outcome !== 'ok') return [];
    // Where an answer comes as one piece, the whole of it is all there is.
    const spans = [decodeMs(first), decodeMs(again)];
    const whole = (spans[0] ?? 0) <= 0 || spans[1] === null;
    const [x = null, y = null] = whole ? [first.latencyMs, again.latencyMs] : spans;
    if (x === null || y === null || x <= 0) return [];
    // A client that was kept waiting reads a whole answer at once, and no earlier for it.
    const saved = ((first.latencyMs ?? 0) - (again.latencyMs ?? 0)) / x;
    return [{ fresh: x, repeated: y, ratio: Math.max(y / x, 1 - saved) }];
  });
  if (times.length === 0) return notRun('the server did not answer the probes');
  const fast = times.filter(({ ratio }) => ratio < collapsed).length;
  const [first] = times;
  const told = `${share(fast, times.length)} prompts ${what} were answered at least five times as fast as fresh ones (the first: ${ms(first?.fresh ?? null)} fresh, ${ms(first?.repeated ?? null)} ${what})`;
  if (fast >= mostOf * times.length) return fail(told);
  const quick = times.filter(({ ratio }) => ratio < odd).length;
  return fast > 0 || quick >= mostOf * times.length ? flag(told) : pass(told);
}
