import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { BenchError, pathTrouble } from '../../core/index.ts';
import { cannotGoOn } from './journal.ts';

const usedSchema = z.object({ usedS: z.number().nonnegative() });

/** Keeps what the agent has used of its time, in seconds. What cannot be written is left out. */
export async function writeUsed(path: string, usedS: number): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ usedS }))
    .then(() => rename(`${path}.new`, path))
    .catch(() => {});
}

/**
 * @returns seconds; null = there is no such file: the arena was killed before its first
 * @throws BenchError RESULT_CORRUPT: what was used cannot be told, and is not given again
 */
export async function readUsed(path: string): Promise<number | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw damaged(path, pathTrouble(error, 'file'), error);
  }
  const parsed = usedSchema.safeParse(value);
  if (parsed.success) return parsed.data.usedS;
  throw damaged(path, 'it has no "usedS" that is a number of seconds from 0 on', parsed.error);
}

const damaged = (path: string, why: string, cause: unknown) =>
  new BenchError(
    'RESULT_CORRUPT',
    `What the agent has used of its time cannot be told: "${path}" is damaged: ${why}.`,
    { hint: cannotGoOn, cause },
  );
