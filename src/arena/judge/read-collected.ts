import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectedFile } from '../checks/check.ts';
import type { Collected } from './collect.ts';

const mostText = 1024 * 1024;

/** What was collected, as checks read it. */
export async function readCollected(
  dir: string,
  collected: Collected | null,
): Promise<CollectedFile[]> {
  const files: CollectedFile[] = [];
  for (const { path } of collected?.files ?? []) {
    const file = join(dir, path);
    const { size: bytes } = await stat(file);
    const content = bytes > mostText ? null : await readFile(file);
    const isText = content !== null && !content.includes(0);
    files.push({ path, bytes, text: isText ? content.toString('utf8') : null });
  }
  return files;
}
