import { createRng } from '../../core/index.ts';
import { factKinds } from './facts.ts';

/** A question with a checkable answer. */
export interface Question {
  text: string;
  /** Words that would be an answer to a question of its kind. */
  options: readonly string[];
  answer: string;
}

const all: readonly Question[] = factKinds.flatMap(({ asks, facts }) =>
  asks.flatMap((ask) =>
    facts.map(([name, answer]) => ({
      text: ask(name),
      options: facts.map((one) => one[1]).filter((word) => word !== name),
      answer,
    })),
  ),
);

/** In an order of the seed, each once before any comes again; same seed, same questions. */
export function makeQuestions(seed: number, count: number): Question[] {
  const rng = createRng(seed, 'questions');
  const left: Question[] = [];
  return Array.from({ length: count }, () => {
    if (left.length === 0) left.push(...all);
    return left.splice(rng.int(left.length), 1)[0] as Question;
  });
}

/** Of answers by guessing: nobody guesses a capital. */
export const chance = 0;

/**
 * The answer that a reply gives: the first word in it that would be an answer to a question of this
 * kind, in any case; null where there is none.
 */
export function parseAnswer(reply: string, { options }: Question): string | null {
  const known = new Map(options.map((word) => [word.toLowerCase(), word]));
  for (const [word] of reply.toLowerCase().matchAll(/\p{L}+/gu)) {
    const found = known.get(word);
    if (found !== undefined) return found;
  }
  return null;
}
