import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  BenchError,
  isBenchError,
  messageOf,
  pathTrouble,
  readNamedFile,
} from '../../core/index.ts';
import { letteredText, letters } from './lettered.ts';
import type { Question, QuestionSet } from './questions.ts';

const form =
  'A line is {"question": "...", "options": ["...", "..."], "answer": "B"}, with 2 to 10 options, as in MMLU-Pro; answer_index (from 0) may stand for answer.';

const refuse = (message: string, hint = form, cause?: unknown) =>
  new BenchError('USAGE_QUESTIONS', message, { hint, cause });

/**
 * Questions of one's own: JSON Lines, or one JSON list, in the form of MMLU-Pro. A question that
 * occurs again, options included, counts once.
 *
 * @param path absolute
 * @throws BenchError USAGE_QUESTIONS, with the line
 */
export async function readQuestions(path: string): Promise<QuestionSet> {
  const bytes = await readText(path).catch((error: unknown) => {
    if (isBenchError(error)) throw error;
    throw refuse(
      `Cannot read questions "${path}": ${pathTrouble(error, 'file')}.`,
      'Check the path.',
      error,
    );
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse(`Questions "${path}": not UTF-8 text.`, 'Save the file as UTF-8.', error);
  }
  const questions = new Map<string, Question>();
  for (const question of parseQuestions(text, path)) {
    if (!questions.has(question.text)) questions.set(question.text, question);
  }
  if (questions.size === 0) throw refuse(`Questions "${path}": there is none in it.`);
  return {
    name: basename(path),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    questions: [...questions.values()],
  };
}

/** More than any such list has: what is larger is something else. */
const mostBytes = 1 << 30;

async function readText(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > mostBytes) {
    throw refuse(`Questions "${path}": larger than 1 GiB.`, 'Write fewer of them into a file.');
  }
  const bytes = await readNamedFile(path);
  if (bytes.subarray(0, 4).toString('latin1') !== 'PAR1') return bytes;
  throw refuse(
    `Questions "${path}": a Parquet file, which is not read here.`,
    `Write it as JSON Lines first, for example with pandas: read_parquet(FILE).to_json('questions.jsonl', orient='records', lines=True).`,
  );
}

/** @throws BenchError USAGE_QUESTIONS */
export function parseQuestions(text: string, path: string): Question[] {
  if (/^\s*\[/.test(text)) {
    let list: unknown;
    try {
      list = JSON.parse(text);
    } catch (error) {
      throw refuse(`Questions "${path}": not JSON (${messageOf(error)}).`);
    }
    return (list as unknown[]).map((row, at) => questionOf(row, `${path}, entry ${at + 1}`));
  }
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    const place = `${path}, line ${at + 1}`;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (error) {
      throw refuse(`${place}: not JSON (${messageOf(error)}).`);
    }
    return [questionOf(row, place)];
  });
}

function questionOf(row: unknown, place: string): Question {
  const bad = (why: string) => refuse(`${place}: ${why}.`);
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw bad('not an object');
  const { question, options, answer, answer_index: index } = row as Record<string, unknown>;
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '';
  if (!isText(question)) throw bad('"question" is not a text');
  if (!Array.isArray(options) || !options.every((one): one is string => typeof one === 'string')) {
    throw bad('"options" is no list of texts');
  }
  if (options.length < 2 || options.length > letters.length) {
    throw bad(`${options.length} options, not 2 to ${letters.length}`);
  }
  const known = letters.slice(0, options.length);
  const plain = options.map((one) => one.trim());
  const empty = plain.indexOf('');
  if (empty >= 0) throw bad(`option ${known[empty]} is empty`);
  // Two letters would be right, and one of them be counted as wrong.
  const again = plain.findIndex((one, at) => plain.indexOf(one) < at);
  if (again >= 0) {
    const first = known[plain.indexOf(plain[again] ?? '')];
    throw bad(`options ${first} and ${known[again]} are the same`);
  }
  const given = [
    ...(isThere(answer) ? [known.find((letter) => letter === answer)] : []),
    ...(isThere(index) ? [known.find((_, at) => at === index)] : []),
  ];
  const [right] = given;
  if (given.length === 0) throw bad('neither "answer" nor "answer_index"');
  if (given.includes(undefined) || right === undefined) {
    const what = JSON.stringify({ answer, answer_index: index });
    throw bad(`${what} is none of its options ${known[0]} to ${known.at(-1)}`);
  }
  if (given.some((one) => one !== right)) {
    throw bad(`"answer" is ${right}, "answer_index" ${String(index)} is ${String(given[1])}`);
  }
  return { text: letteredText(question, options), options: known, answer: right, form: 'letter' };
}

const isThere = (value: unknown) => value !== undefined && value !== null;
