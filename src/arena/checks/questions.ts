import { createHash } from 'node:crypto';
import { createRng } from '../../core/index.ts';
import { factKinds } from './facts.ts';
import { parseLetter } from './lettered.ts';

/** A question with a checkable answer. */
export interface Question {
  /** As it is asked. */
  text: string;
  /** Words, or letters of the text's options, that would be an answer. */
  options: readonly string[];
  answer: string;
  /** `word`: any of the options, anywhere; `letter`: in the form that the question asks for. */
  form: 'word' | 'letter';
  /** The answer as a sentence, where there is one. */
  sentence?: string;
}

/** What the quality gate draws from: different questions, each once. */
export interface QuestionSet {
  /** `facts`: those that come with bench; else the name of their file. */
  name: string;
  /** Of the file; null = they come with bench. */
  sha256: string | null;
  questions: readonly Question[];
}

/** With 80 % power against 10 % discordant pairs, a margin of 10 points takes 62 questions, 5 points 248. */
export const assumedDiscordant = 0.1;
export const leastPower = 0.8;

export const shippedQuestions: QuestionSet = {
  name: 'facts',
  sha256: null,
  questions: factKinds.flatMap(({ asks, says, facts }) =>
    asks.flatMap((ask) =>
      facts.map(([name, answer]) => ({
        text: ask(name),
        options: facts.map((one) => one[1]).filter((word) => word !== name),
        answer,
        form: 'word' as const,
        sentence: `${says(name)} ${answer}`,
      })),
    ),
  ),
};

/**
 * The questions of a set that the agent's evaluations may see, or those of the final one: a half
 * each, by hash, where a file has at least twice as many as are asked; else all of them for both.
 */
export function partOf(set: QuestionSet, count: number, part: 'dev' | 'final'): QuestionSet {
  if (set.sha256 === null || set.questions.length < 2 * count) return set;
  const hashed = set.questions.map((one) => ({
    one,
    key: createHash('sha256').update(one.text).digest('hex'),
  }));
  const rest = part === 'dev' ? 0 : 1;
  const questions = hashed
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .filter((_, at) => at % 2 === rest)
    .map(({ one }) => one);
  return { ...set, questions };
}

/** All of a set, in an order of the seed; same seed, same order. */
export function shuffleQuestions({ questions }: QuestionSet, seed: number): Question[] {
  const rng = createRng(seed, 'questions');
  const left = [...questions];
  return questions.map(() => left.splice(rng.int(left.length), 1)[0] as Question);
}

/** Share of right answers by guessing, 0 to 1: nobody guesses a capital. */
export function chanceOf(questions: readonly Question[]): number {
  if (questions.length === 0) return 0;
  const each = questions.map(({ form, options }) => (form === 'word' ? 0 : 1 / options.length));
  return each.reduce((total, one) => total + one, 0) / questions.length;
}

/**
 * The answer that a reply gives. To a `letter` question: the letter in the form asked for. To a
 * `word` question: the first word in it that would be an answer to a question of this kind, in any
 * case. Null where there is none.
 */
export function parseAnswer(
  reply: string,
  { options, form }: Pick<Question, 'options' | 'form'>,
): string | null {
  if (form === 'letter') return parseLetter(reply, options);
  const known = new Map(options.map((word) => [word.toLowerCase(), word]));
  for (const [word] of reply.toLowerCase().matchAll(/\p{L}+/gu)) {
    const found = known.get(word);
    if (found !== undefined) return found;
  }
  return null;
}
