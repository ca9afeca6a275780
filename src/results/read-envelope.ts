import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BenchError, messageOf } from '../core/index.ts';
import type { Envelope } from '../model/index.ts';
import { errorCodeOf } from './result-error.ts';
import { envelopeFile } from './run-folder.ts';

const schemaId = 'inferencebench.envelope.v1';

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
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'string' && schema !== schemaId) {
    throw new BenchError('RESULT_UNKNOWN_SCHEMA', `"${origin}" has schema "${schema}".`, {
      hint: `This version reads ${schemaId}: use the version of bench that wrote the result, or a newer one.`,
    });
  }
  const { envelopeSchema } = await import('./envelope-schema.ts');
  const parsed = envelopeSchema.safeParse(value);
  if (parsed.success) return value as Envelope;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new BenchError('RESULT_CORRUPT', `"${origin}" is not a result: ${issues[0]}.`, {
    hint: 'Name a result folder of `bench run`, or its envelope.json.',
    details: { issues },
  });
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
