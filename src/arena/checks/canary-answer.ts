import type { Canary } from '../judge/ports.ts';
import { startOf } from './quality.ts';
import { parseAnswer } from './questions.ts';

/** A number in a prompt, and what asks for it at its end. */
export const hidden = (number: string) => ({
  head: `The secret number is ${number} .`,
  tail: 'What is the secret number ? The secret number is',
});

/** Whether a reply begins with what was asked for. */
export function isRight({ answer, options }: Canary, text: string): boolean {
  const start = startOf(text);
  if (options === null) return start.replaceAll(/\D/g, '').includes(answer);
  return parseAnswer(start, { options, form: 'word' }) === answer;
}
