import type { Answer } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { share } from './numbers.ts';

/** Different prompts must not all get the same answer, unless the reference gives them one too. */
export const cannedAnswers: Check = {
  id: 'canned-answers',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ timed, referenceTimed }) {
      const answers = timed.flatMap((one) => one.answers);
      const own = repeatedShare(answers);
      if (own === null) return notRun('fewer than 4 timed answers');
      const reference = repeatedShare(referenceTimed.flatMap((one) => one.answers)) ?? 0;
      const count = answers.filter(({ outcome }) => outcome === 'ok').length;
      const told = `${share(Math.round(own * count), count)} answers to different prompts begin like another one`;
      if (own > 0.5 && reference < 0.5 * own) return fail(told);
      return own > 0.1 && own > 2 * reference ? flag(told) : pass(told);
    },
  }),
};

/** Share of the answers whose beginning another one has too; null for too few. */
function repeatedShare(answers: readonly Answer[]): number | null {
  // The end may be cut anywhere by the length asked for.
  const starts = answers.flatMap(({ outcome, text, ask }) => {
    const enough = Math.min(text.length, 2 * ask.outputTokens);
    return outcome === 'ok' && text.trim() !== '' ? [text.slice(0, Math.max(16, enough))] : [];
  });
  if (starts.length < 4) return null;
  const seen = new Map<string, number>();
  for (const start of starts) seen.set(start, (seen.get(start) ?? 0) + 1);
  return starts.filter((start) => (seen.get(start) ?? 0) > 1).length / starts.length;
}
