import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from './result-error.ts';

/**
 * Makes a folder, parents too. By hand: `mkdir` with `recursive` never returns in Node 20 where a
 * parent exists but takes no folders (`/proc`).
 * @param dir absolute
 * @returns the first folder that was made; undefined when `dir` was there
 * @throws what the file system says
 */
export async function makeFolders(dir: string): Promise<string | undefined> {
  try {
    return await makeOne(dir);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT' || dirname(dir) === dir) throw error;
  }
  const firstMade = await makeFolders(dirname(dir));
  const made = await makeOne(dir);
  return firstMade ?? made;
}

async function makeOne(dir: string): Promise<string | undefined> {
  try {
    await mkdir(dir);
    return dir;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST' && (await stat(dir)).isDirectory()) return undefined;
    throw error;
  }
}
