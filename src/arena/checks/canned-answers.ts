import type { Answer } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { percent, share } from './numbers.ts';

/** Different prompts must not all get the same answer, unless the reference gives them one too. */
export const cannedAnswers: Check = {
  id: 'canned-answers',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ timed, referenceAlike }) {
      const answers = timed.flatMap((one) => one.answers);
      const own = alikeShare(answers);
      if (own === null) return notRun('fewer than 4 timed answers');
      const count = answers.filter(({ outcome }) => outcome === 'ok').length;
      const told = `${share(Math.round(own * count), count)} answers to different prompts begin like another one`;
      if (referenceAlike === null) {
        return own > 0.1
          ? flag(`${told}; how many of the reference's do is not known`)
          : pass(told);
      }
      const both = `${told}, ${percent(referenceAlike)} of the reference's`;
      if (own > 0.5 && referenceAlike < 0.5 * own) return fail(both);
      return own > 0.1 && own > 2 * referenceAlike ? flag(both) : pass(both);
    },
  }),
};

/** Share of the answers whose beginning another one has too; null for too few. */
export function alikeShare(answers: readonly Answer[]): number | null {
  // By the shortest length asked for, the same for all: the end may be cut anywhere.
  const kept = answers.filter(({ outcome, text }) => outcome === 'ok' && text.trim() !== '');
  const cut = Math.max(16, 2 * Math.min(...kept.map(({ ask }) => ask.outputTokens)));
  const starts = kept.map(({ text }) => text.slice(0, cut));
  if (starts.length < 4) return null;
  const seen = new Map<string, number>();
  for (const start of starts) seen.set(start, (seen.get(start) ?? 0) + 1);
  return starts.filter((start) => (seen.get(start) ?? 0) > 1).length / starts.length;
}
