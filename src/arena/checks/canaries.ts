import { isRight } from './canary-answer.ts';
import { type Check, fail, flag, never, notRun, pass } from './check.ts';
import { percent } from './numbers.ts';

/** What the reference itself would rather miss tells nothing. */
const leastCertainty = 0.25;
/** Of a server that answers as the reference does; less, as certainties are of one wording alone. */
const failBelow = 0.02;
const flagBelow = 0.1;

/**
 * Requests in the timed traffic, of its form, whose answers can be told right from wrong, against how
 * surely the reference answers each. Not required: a reference may be sure of none.
 */
export const canaries: Check = {
  id: 'canaries',
  kind: 'integrity',
  required: never,
  open: () => ({
    async verdict({ canaries: answers }) {
      const told = answers.flatMap((answer) => {
        const { canary } = answer.ask;
        if (canary === undefined || canary.certainty < leastCertainty) return [];
        const right = answer.outcome === 'ok' && isRight(canary, answer.text);
        return [{ certainty: canary.certainty, right }];
      });
      if (told.length === 0) {
        return notRun(`of ${answers.length} canaries the reference is sure of none`);
      }
      const missed = told.filter(({ right }) => !right).length;
      const certainties = told.map(({ certainty }) => certainty);
      const chance = chanceOfMissing(missed, certainties);
      const evidence = `${told.length} canaries in the timed traffic, answered right by the reference with at least ${certainties.map(percent).join(', ')}: the server missed ${missed}; the reference would miss as many with ${percent(chance)} at most`;
      if (chance < failBelow) return fail(evidence);
      return chance < flagBelow ? flag(evidence) : pass(evidence);
    },
  }),
};

/** So many or more of canaries that are answered right with these probabilities. */
export function chanceOfMissing(missed: number, certainties: readonly number[]): number {
  // Probabilities of having missed 0, 1, 2 and so on of those so far.
  let chances = [1];
  for (const certainty of certainties) {
    chances = [...chances, 0].map(
      (same, at) => same * certainty + (chances[at - 1] ?? 0) * (1 - certainty),
    );
  }
  return chances.slice(missed).reduce((total, one) => total + one, 0);
}
