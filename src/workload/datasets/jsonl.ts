import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { BenchError, messageOf } from '../../core/index.ts';
import type { TokenCounter } from '../../model/index.ts';
import { createVocabulary, type Vocabulary, wordText } from '../text/vocabulary.ts';
import { commonWords } from '../text/words.ts';
import { type Dataset, type DatasetRow, noOverhead } from './dataset.ts';

const rowShape =
  'Each line is {"prompt": "text", "output_tokens": 128}; output_tokens may be left out.';
const saltWords = 2;
/** Rule of thumb for English text under today's tokenizers; used only where nobody can count. */
const charactersPerToken = 4;
const rowsPerCount = 256;

interface PromptRow {
  prompt: string;
  outputTokens: number | null;
}

/** One's own prompts: a JSON Lines file of `{prompt, output_tokens?}`. */
export const jsonlDataset: Dataset = {
  id: 'jsonl',
  title: 'your own prompts, one JSON object {prompt, output_tokens?} a line',
  file: 'required',
  lengthsFrom: 'rows',
  async load({ counter, path, salted = true, overhead = noOverhead }) {
    if (path === null || path === '') {
      throw new BenchError('USAGE_DATASET_PATH', 'Dataset "jsonl" needs a file.', {
        hint: 'Name it after a colon: --dataset jsonl:prompts.jsonl.',
      });
    }
    const file = await readPromptRows(path);
    const vocabulary = salted ? await createVocabulary(commonWords, counter) : null;
    const salt = (seed: number) =>
      vocabulary === null ? '' : `${wordText(vocabulary, seed, saltWords)}\n`;
    const tokens = await countRows(file.rows, salt, counter);
    const hash = createHash('sha256').update(`${file.hash} ${vocabulary?.hash ?? 'unsalted'}`);
    return {
      id: 'jsonl',
      hash: hash.digest('hex'),
      rows: file.rows.map(
        (row, i): DatasetRow => ({
          inputTokens: Math.max(1, tokens[i] ?? 1) + overhead.promptTokens,
          outputTokens: row.outputTokens,
        }),
      ),
      promptText: (recipe) => salt(recipe.seed) + (file.rows[recipe.row ?? 0]?.prompt ?? ''),
      describe: describeJsonl(path, file, vocabulary, counter),
      source: {
        source: path,
        revision: null,
        sha256: file.hash,
        rule: 'rows by number, from 0, blank lines left out; their order follows from the seed, each is used once before any is used again (plan.jsonl lists them)',
      },
    };
  },
};

/**
 * Streams the file, which may be larger than a string can be.
 * @throws BenchError WORKLOAD_FILE, WORKLOAD_ROW (with the line number), WORKLOAD_EMPTY
 */
async function readPromptRows(path: string): Promise<{ rows: PromptRow[]; hash: string }> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const rows: PromptRow[] = [];
  let line = 0;
  let rest = '';
  const take = (text: string) => {
    line++;
    if (text.trim() !== '') rows.push(parseRow(text, path, line));
  };
  try {
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(bytes);
      const lines = (rest + decodeText(decoder, bytes, path, line + 1)).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) take(text);
    }
    rest += decodeText(decoder, null, path, line + 1);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw new BenchError('WORKLOAD_FILE', `Cannot read dataset "${path}": ${messageOf(error)}.`, {
      hint: 'Check the path after "jsonl:"; no other data is used in its place.',
      cause: error,
    });
  }
  take(rest);
  if (rows.length === 0) {
    throw new BenchError('WORKLOAD_EMPTY', `Dataset "${path}" has no rows.`, { hint: rowShape });
  }
  return { rows, hash: hash.digest('hex') };
}

function decodeText(
  decoder: TextDecoder,
  bytes: Buffer | null,
  path: string,
  line: number,
): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    throw new BenchError('WORKLOAD_ROW', `${path}, at or after line ${line}: not UTF-8 text.`, {
      hint: 'Save the file as UTF-8.',
      cause: error,
    });
  }
}

function parseRow(text: string, path: string, line: number): PromptRow {
  const refuse = (why: string): never => {
    throw new BenchError('WORKLOAD_ROW', `${path}, line ${line}: ${why}.`, { hint: rowShape });
  };
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch (error) {
    return refuse(`not JSON (${messageOf(error)})`);
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return refuse('not an object');
  const { prompt, output_tokens: output } = row as Record<string, unknown>;
  if (typeof prompt !== 'string' || prompt === '') return refuse('"prompt" is not a text');
  if (output === undefined || output === null) return { prompt, outputTokens: null };
  if (typeof output !== 'number' || !Number.isSafeInteger(output) || output < 1) {
    return refuse(`"output_tokens" is ${JSON.stringify(output)}, not a whole number of at least 1`);
  }
  return { prompt, outputTokens: output };
}

async function countRows(
  rows: readonly PromptRow[],
  salt: (seed: number) => string,
  counter: TokenCounter | null,
): Promise<number[]> {
  const texts = rows.map((row, i) => salt(i) + row.prompt);
  if (counter === null) return texts.map((text) => Math.round(text.length / charactersPerToken));
  const counts: number[] = [];
  for (let i = 0; i < texts.length; i += rowsPerCount) {
    counts.push(...(await counter.count(texts.slice(i, i + rowsPerCount))));
  }
  return counts;
}

function describeJsonl(
  path: string,
  file: { rows: readonly PromptRow[]; hash: string },
  vocabulary: Vocabulary | null,
  counter: TokenCounter | null,
): string {
  const salt =
    vocabulary === null
      ? 'prompts sent as they are'
      : `${saltWords} salt words in front of each prompt`;
  const lengths =
    counter === null
      ? `input lengths approximate: no tokenizer at hand, ${charactersPerToken} characters taken for a token`
      : `input lengths counted (${counter.source})`;
  return `${path}, ${file.rows.length} rows, sha256 ${file.hash.slice(0, 16)}; ${salt}; ${lengths}`;
}
