import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Ends of names of files that are being written; readers and hashes leave them out. */
export const unfinishedSuffix = '.unfinished';

/**
 * Replaces a file as a whole: readers see the old content or the new, also after a crash. Rejects
 * with the file system's error and leaves the old content; nothing half-written stays behind.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const id = randomBytes(6).toString('hex');
  const unfinished = join(folder, `.${basename(path)}.${id}${unfinishedSuffix}`);
  try {
    const file = await open(unfinished, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** The new name reaches the disk too; platforms that cannot sync a folder (Windows) go without. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The content itself is on disk.
  }
}
