import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { EngineContext } from './context.ts';

/** Absolute paths of the executables of that name on PATH, in PATH order. */
export async function findExecutables(ctx: EngineContext, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of (ctx.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (await isExecutable(path)) found.push(path);
  }
  return found;
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
