/** As many options as a question may have. */
export const letters = [...'ABCDEFGHIJ'] as const;

/** A multiple-choice question as the model reads it. */
export function letteredText(question: string, options: readonly string[]): string {
  return [
    question.trim(),
    ...options.map((option, at) => `${letters[at]}. ${option.trim()}`),
    'Give the letter of the right option in the form "Answer: X" and nothing in front of it.',
  ].join('\n');
}

/** `Answer: B`, `B`, `(B)`, `**B**`, `B. Paris`: one letter in front, and where it ends is seen. */
const stated =
  /^[\s*_"`]*(?:answer[*_]*\s*:[\s*_"`]*)?\(?([A-J])\)?[*_"`]*(?=\s*$|[\r\n]|[.,:)](?:$|[\s*_"`]))/i;
/** Another one behind it: two answers are none. */
const another = /^[\s.,:)*_"`]*\(?([A-J])(?:$|[.,:)*_"`])/;

/**
 * The option that a reply states at its start, strictly: its letter in upper case, alone. `A dog`,
 * `a`, `A or B`, `A, B`, `A's` and `I think B` state none.
 */
export function parseLetter(reply: string, options: readonly string[]): string | null {
  const found = stated.exec(reply);
  const letter = found?.[1];
  if (found === null || letter === undefined || !options.includes(letter)) return null;
  const [line = ''] = reply.slice(found[0].length).split(/[\r\n]/);
  const next = another.exec(line.trimEnd())?.[1];
  return next !== undefined && options.includes(next) ? null : letter;
}
