import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeasuredState, TrialResult } from '../../model/index.ts';

/** A state of the workspace that was evaluated in full and passed. */
export interface KeptState {
  submission: NonNullable<TrialResult['submission']>;
  state: MeasuredState;
  score: number;
}

const stateFile = 'state.json';
const filesFolder = 'files';

/**
 * Keeps a state in a folder by its hash, with its files. What is there is whole: it is put together
 * beside and renamed.
 * @param files where its files are
 */
export async function keepState(folder: string, kept: KeptState, files: string): Promise<void> {
  const target = join(folder, kept.submission.sha256);
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  await cp(files, join(part, filesFolder), { recursive: true });
  await writeFile(join(part, stateFile), `${JSON.stringify(kept, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await rename(part, target);
}

/** The state with the highest score, and the folder of its files; null without any. */
export async function bestState(
  folder: string,
): Promise<{ kept: KeptState; files: string } | null> {
  let best: { kept: KeptState; files: string } | null = null;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.part')) continue;
    const dir = join(folder, name);
    const kept = JSON.parse(await readFile(join(dir, stateFile), 'utf8')) as KeptState;
    if (best === null || kept.score > best.kept.score)
      best = { kept, files: join(dir, filesFolder) };
  }
  return best;
}
