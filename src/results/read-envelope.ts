import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BenchError, messageOf } from '../core/index.ts';
import type { Envelope } from '../model/index.ts';
import { checkStored, type StoredKind } from './check-stored.ts';
import { envelopeFile } from './file-names.ts';
import { errorCodeOf } from './result-error.ts';

const kind: StoredKind = {
  schemaId: 'inferencebench.envelope.v1',
  what: 'a result',
  written: 'the result',
  loadSchema: async () => (await import('./envelope-schema.ts')).envelopeSchema,
  hint: 'Name a result folder of `bench run`, or its envelope.json.',
};

/**
 * Reads a result's envelope.
 * @param path the result folder, or its envelope.json
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA
 */
export async function readEnvelope(path: string): Promise<Envelope> {
  const file = await findEnvelope(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw notFound(path, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BenchError('RESULT_CORRUPT', `"${file}" is not JSON (${messageOf(error)}).`, {
      hint: 'The file was changed after it was written; measure again.',
      cause: error,
    });
  }
  return parseEnvelope(value, file);
}

/**
 * Checks that a value is an envelope. Fields this version does not know are kept.
 * @param origin names the value in errors: a path or a URL.
 * @throws BenchError RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA
 */
export async function parseEnvelope(value: unknown, origin: string): Promise<Envelope> {
  return checkStored<Envelope>(value, origin, kind);
}

/** The result folder of a path to it or to its envelope. */
export async function findResultFolder(path: string): Promise<string> {
  return dirname(await findEnvelope(path));
}

async function findEnvelope(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, envelopeFile) : path;
  } catch (error) {
    throw notFound(path, error);
  }
}

function notFound(path: string, error: unknown): BenchError {
  const why = errorCodeOf(error) === 'ENOENT' ? '' : `: ${messageOf(error)}`;
  const what = basename(path) === envelopeFile ? 'No result' : 'No result folder';
  return new BenchError('RESULT_NOT_FOUND', `${what} at "${path}"${why}.`, {
    hint: `A result is a folder with ${envelopeFile}, by default ./bench-results/<run id>.`,
    cause: error,
  });
}
