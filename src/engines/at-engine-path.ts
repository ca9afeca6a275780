import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../core/index.ts';
import type { InstalledEngine } from './engine.ts';
import { isExecutable } from './find-executable.ts';

export interface EnginePathSearch {
  /** Where the program is looked for in a folder, the likeliest first. */
  inside: readonly string[];
  /** What is missing from a folder without it: `Python`. */
  what: string;
  /** What to give instead. */
  hint: string;
  /** The engine of a program, or why it is none. */
  look(path: string): Promise<InstalledEngine | string>;
}

/**
 * The engine that `--engine-path` names: its program, or a folder that holds it.
 * @throws BenchError PREREQ_ENGINE_PATH
 */
export async function atEnginePath(
  path: string,
  { inside, what, hint, look }: EnginePathSearch,
): Promise<InstalledEngine> {
  const refuse = (reason: string): BenchError =>
    new BenchError('PREREQ_ENGINE_PATH', `--engine-path ${path}: ${reason}.`, { hint });
  const found = await stat(path).catch(() => null);
  if (!found) throw refuse('no such file or folder');
  const candidates = found.isDirectory() ? inside.map((name) => join(path, name)) : [path];
  for (const candidate of candidates) {
    if (!(await isExecutable(candidate))) continue;
    const engine = await look(candidate);
    if (typeof engine === 'string') throw refuse(engine);
    return engine;
  }
  throw refuse(found.isDirectory() ? `there is no ${what} in it` : 'it is not executable');
}
