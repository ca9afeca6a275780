import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError, messageOf, pathTrouble } from '../../core/index.ts';
import type { TrialResult } from '../../model/index.ts';
import { checkStored, type StoredKind } from '../../results/index.ts';

export const trialFile = 'trial.json';
const kind: StoredKind = {
  schemaId: 'inferencebench.trial.v1',
  what: 'a trial',
  written: 'the trial',
  loadSchema: async () => (await import('./trial-schema.ts')).trialSchema,
  hint: 'What a trial has to have: schemas/trial.v1.schema.json.',
};

/**
 * Reads what a judged trial left; fields this version does not know are kept.
 * @param path the trial's folder, or its trial.json
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA
 */
export async function readTrial(path: string): Promise<TrialResult> {
  const file = basename(path) === trialFile ? path : join(path, trialFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new BenchError(
      'RESULT_NOT_FOUND',
      `No trial at "${path}": ${pathTrouble(error, 'file')}.`,
      {
        hint: `A trial is a folder with ${trialFile}.`,
        cause: error,
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BenchError('RESULT_CORRUPT', `"${file}" is not JSON (${messageOf(error)}).`, {
      hint: 'The file was changed or cut off after it was written: judge the submission again.',
      cause: error,
    });
  }
  return checkStored<TrialResult>(value, file, kind);
}

/** How deep below a named folder trials are looked for. */
const mostDepth = 6;

/**
 * The folders of trials in and below a folder, sorted; a trial has no trials inside.
 * @throws BenchError RESULT_NOT_FOUND, RESULT_NO_TRIALS
 */
export async function findTrials(dir: string): Promise<string[]> {
  let isFolder = false;
  try {
    isFolder = (await stat(dir)).isDirectory();
  } catch (error) {
    throw new BenchError(
      'RESULT_NOT_FOUND',
      `Trials in "${dir}": ${pathTrouble(error, 'folder')}.`,
      {
        hint: `Name a trial's folder (it has ${trialFile}), or a folder with such folders.`,
        cause: error,
      },
    );
  }
  if (!isFolder && basename(dir) !== trialFile) {
    throw new BenchError('RESULT_NOT_FOUND', `"${dir}" is a file, and no ${trialFile}.`, {
      hint: `Name a trial's folder (it has ${trialFile}), or a folder with such folders.`,
    });
  }
  const found = isFolder ? await trialsBelow(dir, mostDepth) : [dir];
  if (found.length > 0) return found;
  throw new BenchError('RESULT_NO_TRIALS', `No ${trialFile} in or below "${dir}".`, {
    hint: `Name a trial's folder, or a folder with such folders; results of \`bench run\` are read by \`bench show\`.`,
  });
}

async function trialsBelow(dir: string, depth: number): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    throw new BenchError(
      'RESULT_NOT_FOUND',
      `Trials in "${dir}": ${pathTrouble(error, 'folder')}.`,
      {
        hint: 'Name a folder that you may read.',
        cause: error,
      },
    );
  });
  if (entries.some((entry) => entry.isFile() && entry.name === trialFile)) return [dir];
  if (depth === 0) return [];
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  const below: string[] = [];
  for (const { name } of folders.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    below.push(...(await trialsBelow(join(dir, name), depth - 1)));
  }
  return below;
}
