import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BenchError, messageOf } from '../core/index.ts';
import type { Comparison } from '../model/index.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { checkStored, type StoredKind } from './check-stored.ts';
import { makeFolders } from './make-folders.ts';
import { toWriteError } from './result-error.ts';

export const comparisonFile = 'comparison.json';
const kind: StoredKind = {
  schemaId: 'inferencebench.comparison.v1',
  what: 'a comparison',
  written: 'it',
  loadSchema: async () => (await import('./comparison-schema.ts')).comparisonSchema,
  hint: 'Name a folder that `bench compare` wrote.',
};

/**
 * Makes the folder of a comparison; it has to be new or empty.
 * @throws BenchError RESULT_EXISTS, RESULT_NOT_WRITABLE
 */
export async function createComparisonFolder(dir: string): Promise<void> {
  let present: string[];
  try {
    await makeFolders(resolve(dir));
    present = await readdir(dir);
  } catch (error) {
    throw toWriteError(error, dir);
  }
  if (present.length === 0) return;
  throw new BenchError('RESULT_EXISTS', `Result folder "${dir}" is not empty.`, {
    hint: 'Results are never overwritten: choose another folder with --output.',
  });
}

/** Replaces the file as a whole. @throws BenchError RESULT_NOT_WRITABLE, RESULT_DISK_FULL */
export async function writeComparison(dir: string, comparison: Comparison): Promise<void> {
  const path = join(dir, comparisonFile);
  try {
    await writeFileAtomic(path, `${JSON.stringify(comparison, null, 2)}\n`);
  } catch (error) {
    throw toWriteError(error, path);
  }
}

/** The folder of the comparison that a path names; null when there is none. */
export async function findComparisonFolder(path: string): Promise<string | null> {
  try {
    if (basename(path) === comparisonFile && (await stat(path)).isFile()) return dirname(path);
    return (await stat(join(path, comparisonFile))).isFile() ? path : null;
  } catch {
    return null;
  }
}

/** @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA */
export async function readComparison(dir: string): Promise<Comparison> {
  const file = join(dir, comparisonFile);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const code = error instanceof SyntaxError ? 'RESULT_CORRUPT' : 'RESULT_NOT_FOUND';
    throw new BenchError(code, `Cannot read "${file}": ${messageOf(error)}.`, { cause: error });
  }
  return checkStored<Comparison>(value, file, kind);
}
