import { createReadStream } from 'node:fs';
import { BenchError, messageOf } from '../core/index.ts';

/**
 * The JSON values of a JSON Lines file, streamed.
 * @param onTorn called when the last line breaks off (the writer was killed); it is left out.
 * @throws BenchError RESULT_CORRUPT for a broken line before the last, RESULT_NOT_FOUND
 */
export async function* readJsonLines(
  path: string,
  onTorn: (bytes: number) => void,
): AsyncGenerator<unknown> {
  let number = 0;
  for await (const { text, whole } of readTextLines(path)) {
    number++;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (!whole) {
        onTorn(Buffer.byteLength(text));
        return;
      }
      throw new BenchError(
        'RESULT_CORRUPT',
        `${path}, line ${number}: not JSON (${messageOf(error)}).`,
        { hint: 'The file was changed after it was written; measure again.', cause: error },
      );
    }
    yield value;
  }
}

/** `whole` is false for text at the end that no line feed closes. */
async function* readTextLines(path: string): AsyncGenerator<{ text: string; whole: boolean }> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) yield { text, whole: true };
    }
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw new BenchError('RESULT_NOT_FOUND', `Cannot read "${path}": ${messageOf(error)}.`, {
      hint: 'The result folder is incomplete.',
      cause: error,
    });
  }
  if (rest !== '') yield { text: rest, whole: false };
}
