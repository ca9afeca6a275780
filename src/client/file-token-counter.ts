import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError, messageOf } from '../core/index.ts';
import type { TokenCounter } from '../model/index.ts';

/**
 * Counts with a Hugging Face `tokenizer.json` (and the `tokenizer_config.json` beside it, if
 * there is one). Special tokens are not added.
 *
 * @throws BenchError `PREREQ_TOKENIZER` when the file cannot be read or used.
 */
export async function createFileTokenCounter(tokenizerJsonPath: string): Promise<TokenCounter> {
  try {
    const tokenizerJson = JSON.parse(await readFile(tokenizerJsonPath, 'utf8')) as object;
    const config = await readConfig(join(dirname(tokenizerJsonPath), 'tokenizer_config.json'));
    // Loaded only when asked for: a start of the command line should not pay for it.
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const tokenizer = new Tokenizer(tokenizerJson, config);
    const countOne = (text: string) =>
      text === '' ? 0 : tokenizer.encode(text, { add_special_tokens: false }).ids.length;
    countOne('a');
    return {
      source: `tokenizer.json (${tokenizerJsonPath})`,
      count: async (texts) => texts.map(countOne),
    };
  } catch (error) {
    throw new BenchError(
      'PREREQ_TOKENIZER',
      `Cannot use the tokenizer ${tokenizerJsonPath}: ${messageOf(error)}`,
      { hint: 'It has to be the tokenizer.json of a Hugging Face model.', cause: error },
    );
  }
}

async function readConfig(path: string): Promise<object> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as object;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
