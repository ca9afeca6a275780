import { createRng, type Rng } from '../../core/index.ts';

/** A question with a checkable answer: one of the words that it lists. */
export interface Question {
  text: string;
  options: readonly string[];
  answer: string;
}

const words =
  'apple river stone cloud bread horse table music paper glass green winter summer garden window doctor silver orange market bridge'.split(
    ' ',
  );

type Maker = (rng: Rng) => Question;

const pick = (rng: Rng, from: readonly string[]) => from[rng.int(from.length)] ?? '';

function three(rng: Rng): string[] {
  const left = [...words];
  return Array.from({ length: 3 }, () => left.splice(rng.int(left.length), 1)[0] ?? '');
}

/** Tasks that a model of 135 M can do more often than not, and not always. */
const makers: readonly Maker[] = [
  (rng) => {
    const options = three(rng);
    const answer = pick(rng, options);
    return {
      text: `Word list : ${options.join(' , ')} . Say the word : ${answer} . The word is`,
      options,
      answer,
    };
  },
  (rng) => {
    const options = three(rng);
    const answer = options[0] ?? '';
    return {
      text: `Word list : ${options.join(' , ')} . The first word of the list is`,
      options,
      answer,
    };
  },
  (rng) => {
    const options = three(rng);
    const answer = options[2] ?? '';
    return {
      text: `Word list : ${options.join(' , ')} . The last word of the list is`,
      options,
      answer,
    };
  },
];

/** Generated, so that there is nothing to know beforehand: same seed, same questions. */
export function makeQuestions(seed: number, count: number): Question[] {
  const rng = createRng(seed, 'questions');
  return Array.from({ length: count }, (_, at) => (makers[at % makers.length] as Maker)(rng));
}

/** Of answers by guessing. */
export const chance = 1 / 3;

/**
 * The answer that a reply gives: the first of the options that stands in it as a whole word, in any
 * case; null where there is none.
 */
export function parseAnswer(reply: string, { options }: Question): string | null {
  for (const [word] of reply.toLowerCase().matchAll(/\p{L}+/gu)) {
    if (options.includes(word)) return word;
  }
  return null;
}
