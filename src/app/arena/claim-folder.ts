import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError, isBenchError } from '../../core/index.ts';
import { makeFolders, toWriteError } from '../../results/index.ts';

/**
 * Makes a folder for a trial, which has to be new or empty, and does the work with it. Where the
 * command is refused, what was made for it and is still empty is taken away again.
 * @param asked `--output`; null = a name of our own
 * @throws BenchError RESULT_EXISTS, RESULT_NOT_WRITABLE, RESULT_DISK_FULL; what the work throws
 */
export async function inNewFolder<T>(
  dir: string,
  asked: string | null,
  work: () => Promise<T>,
): Promise<T> {
  const made = await makeEmpty(dir, asked);
  try {
    return await work();
  } catch (error) {
    if (made !== undefined && isRefusal(error)) await removeEmpty(dir, made);
    throw error;
  }
}

/** Nothing was begun. */
export const isRefusal = (error: unknown) =>
  isBenchError(error) && /^(USAGE|PREREQ|WORKLOAD)_/.test(error.code);

/** For what a refused command has put into its new folder: put right, it shall find it empty. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** @returns the first folder of its path that was not there; undefined = all of it was */
async function makeEmpty(dir: string, asked: string | null): Promise<string | undefined> {
  const found = await stat(dir).catch(() => null);
  if (found !== null && !found.isDirectory()) {
    throw new BenchError('RESULT_EXISTS', `--output ${asked}: it is a file, not a folder.`, {
      hint: 'A trial gets a folder of its own: name a new one.',
    });
  }
  let made: string | undefined;
  try {
    made = await makeFolders(dir);
  } catch (error) {
    throw toWriteError(error, dir);
  }
  if ((await readdir(dir)).length === 0) return made;
  throw new BenchError('RESULT_EXISTS', `--output ${asked}: the folder is not empty.`, {
    hint: 'A trial gets a folder of its own: name a new one.',
  });
}

async function removeEmpty(dir: string, upTo: string): Promise<void> {
  try {
    for (let at = dir; at.startsWith(upTo); at = dirname(at)) await rmdir(at);
  } catch {
    // Something is in there by now: another trial's folder beside ours.
  }
}
