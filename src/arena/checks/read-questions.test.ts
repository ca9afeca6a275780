import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isBenchError } from '../../core/index.ts';
import { letters, parseLetter } from './lettered.ts';
import { chanceOf, parseAnswer, partOf, type QuestionSet, shippedQuestions } from './questions.ts';
import { parseQuestions, readQuestions } from './read-questions.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-questions-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const row = { question: 'Two and two?', options: ['3', '4', '5'], answer: 'B', answer_index: 1 };
const write = (name: string, text: string | Buffer) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

describe('parseLetter', () => {
  const options = ['A', 'B', 'C', 'D'];
  it.each([
    ['Answer: B', 'B'],
    ['answer: B', 'B'],
    ['B', 'B'],
    ['  B\n', 'B'],
    ['(B)', 'B'],
    ['B. Vitamin C', 'B'],
    ['B: four', 'B'],
    ['**Answer: B**', 'B'],
    ['**B**', 'B'],
    ['Answer: (D).', 'D'],
    ['Answer: B\nQuestion: what of A?', 'B'],
    ['B, because it is', 'B'],
  ])('%j states %s', (reply, letter) => {
    expect(parseLetter(reply, options)).toBe(letter);
  });

  it.each([
    ...[
      '',
      ' ',
      'A dog',
      'a',
      'Answer: b',
      'A or B',
      'A, B',
      'Answer: A / B',
      'A. B.',
      'A-B',
      'AB',
    ],
    ...["A's", 'A.I. is', 'E', 'Answer: E', 'I think B', 'It is not A', 'Answer:', 'Answer: the B'],
    ...['Ä', 'Option B', 'A&B', 'Answer: A B'],
  ])('%j states none', (reply) => {
    expect(parseLetter(reply, options)).toBeNull();
  });

  it('never states what is none of the options, nor anything of a text without upper case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 10 }), (text, n) => {
        const known = letters.slice(0, n);
        const found = parseLetter(text, known);
        expect(found === null || known.some((letter) => letter === found)).toBe(true);
        expect(parseLetter(text.toLowerCase(), known)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('reads each letter in the form asked for, whatever follows on other lines', () => {
    fc.assert(
      fc.property(fc.constantFrom(...letters), fc.string(), (letter, rest) => {
        expect(parseLetter(`Answer: ${letter}\n${rest}`, letters)).toBe(letter);
      }),
    );
  });
});

describe('readQuestions', () => {
  it('reads the form of MMLU-Pro as JSON Lines and as a list, with the hash of the file', async () => {
    const mine = {
      ...row,
      question: 'Three?',
      answer: undefined,
      category: 'math',
      cot_content: '',
    };
    const lines = `${JSON.stringify(row)}\n\n${JSON.stringify(mine)}\n${JSON.stringify(row)}\n`;
    const set = await readQuestions(write('some.jsonl', lines));
    expect(set).toMatchObject({
      name: 'some.jsonl',
      sha256: createHash('sha256').update(lines).digest('hex'),
    });
    // The first once more is none of its own.
    expect(set.questions.map(({ answer, options }) => [answer, options])).toEqual([
      ['B', ['A', 'B', 'C']],
      ['B', ['A', 'B', 'C']],
    ]);
    expect(set.questions[0]?.text).toBe(
      'Two and two?\nA. 3\nB. 4\nC. 5\nGive the letter of the right option in the form "Answer: X" and nothing in front of it.',
    );
    const list = await readQuestions(write('some.json', JSON.stringify([row, mine])));
    expect(list.questions).toEqual(set.questions);
  });

  const bad: [string, unknown, RegExp][] = [
    ['a row that is no object', [1], /line 2: not an object/],
    ['no question', { ...row, question: ' ' }, /line 2: "question"/],
    ['no options', { ...row, options: 'A' }, /line 2: "options"/],
    ['one option', { ...row, options: ['3'] }, /line 2: 1 options, not 2 to 10/],
    ['eleven options', { ...row, options: Array(11).fill('x') }, /line 2: 11 options/],
    ['an option that is empty', { ...row, options: ['3', '4', ' '] }, /line 2: option C is empty/],
    [
      'an option that occurs twice',
      { ...row, options: ['3', '4', '3 '] },
      /line 2: options A and C are the same/,
    ],
    ['options that are no texts', { ...row, options: [3, 4] }, /line 2: "options" is no list/],
    ['no answer', { ...row, answer: null, answer_index: null }, /line 2: neither/],
    [
      'an answer beyond the options',
      { ...row, answer: 'D' },
      /line 2: .* none of its options A to C/,
    ],
    ['an index beyond them', { ...row, answer_index: 3 }, /none of its options/],
    ['two answers that differ', { ...row, answer: 'A' }, /"answer" is A, "answer_index" 1 is B/],
  ];
  it.each(bad)('refuses %s', async (_, value, message) => {
    const path = write('bad.jsonl', `${JSON.stringify(row)}\n${JSON.stringify(value)}\n`);
    await expect(readQuestions(path)).rejects.toMatchObject({
      code: 'USAGE_QUESTIONS',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['a Parquet file', Buffer.from('PAR1rest'), /Parquet/],
    ['half a line', '{"question":', /line 1: not JSON/],
    ['half a list', '[{"question":', /not JSON/],
    ['nothing', '\n\n', /there is none/],
    ['what is no text', Buffer.from([0x7b, 0xff]), /UTF-8/],
  ])('refuses %s', async (_, content, message) => {
    await expect(readQuestions(write('bad', content))).rejects.toThrow(message);
  });

  it('refuses a folder', async () => {
    await expect(readQuestions(dir)).rejects.toMatchObject({ code: 'USAGE_QUESTIONS' });
  });

  it.skipIf(platform === 'win32')('refuses a device, which may have no end', async () => {
    await expect(readQuestions('/dev/zero')).rejects.toMatchObject({
      code: 'USAGE_QUESTIONS',
      message: 'Cannot read questions "/dev/zero": it is a device, not a file.',
    });
  });

  it('ends with a question or a reason, whatever is in the file', () => {
    const values = fc.record(
      {
        question: fc.oneof(fc.string(), fc.jsonValue()),
        options: fc.oneof(fc.array(fc.string(), { maxLength: 12 }), fc.jsonValue()),
        answer: fc.oneof(fc.constantFrom(...letters), fc.jsonValue()),
        answer_index: fc.oneof(fc.nat(12), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const texts = fc.oneof(
      fc.array(values).map((all) => JSON.stringify(all)),
      fc.array(values).map((all) => all.map((one) => JSON.stringify(one)).join('\n')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          for (const one of parseQuestions(text, 'x')) {
            expect(one.options).toContain(one.answer);
            expect(parseAnswer(`Answer: ${one.answer}`, one)).toBe(one.answer);
          }
        } catch (error) {
          expect(isBenchError(error) && error.code).toBe('USAGE_QUESTIONS');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a set', () => {
  const set: QuestionSet = {
    ...{ name: 'x', sha256: '0' },
    questions: Array.from({ length: 20 }, (_, at) => ({
      ...{ text: `q${at}`, options: at < 10 ? ['A', 'B'] : ['A', 'B', 'C', 'D'], answer: 'A' },
      form: 'letter' as const,
    })),
  };

  it('has a chance of the mean of its options', () => {
    expect(chanceOf(set.questions)).toBeCloseTo((0.5 + 0.25) / 2, 12);
    expect(chanceOf(shippedQuestions.questions)).toBe(0);
  });

  it('is split where it is large enough: the agent never sees what is asked at the end', () => {
    const [dev, final] = (['dev', 'final'] as const).map((part) =>
      partOf(set, 10, part).questions.map(({ text }) => text),
    );
    expect([...(dev ?? []), ...(final ?? [])].toSorted()).toEqual(
      set.questions.map(({ text }) => text).toSorted(),
    );
    expect(dev).toHaveLength(10);
    expect(partOf(set, 11, 'dev')).toBe(set);
  });
});
