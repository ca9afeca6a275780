import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { identifyOwnProcess, isProcessAlive, type ProcessIdentity } from '../../engines/index.ts';

const lockFile = 'running.json';

/**
 * Keeps a second arena out of a trial's folder, for as long as this process lives.
 * @returns the release
 * @throws BenchError RESULT_TRIAL_RUNNING
 */
export async function lockTrial(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockFile);
  const holder = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as ProcessIdentity,
    () => null,
  );
  if (holder !== null && isProcessAlive(holder)) {
    throw new BenchError('RESULT_TRIAL_RUNNING', `The trial in "${folder}" runs already.`, {
      hint: `It is process ${holder.pid}: wait for it, or end it first.`,
    });
  }
  await writeFile(path, JSON.stringify(identifyOwnProcess()));
  return () => rm(path, { force: true });
}
