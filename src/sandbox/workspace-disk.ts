import { lstat, mkdir, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import type { EngineContext } from '../engines/index.ts';
import { runCommand } from '../engines/index.ts';

/** A folder that holds no more than it may, where this machine can have that. */
export interface WorkspaceDisk {
  /** `file-system`: one of that size; whoever fills it is refused. `watched`: left to the sandbox. */
  by: 'file-system' | 'watched';
  /** Takes it away with all that is in it. */
  remove(): Promise<void>;
}

/**
 * Makes a folder, as a file system in a file beside it where that can be: as root, with loop
 * devices. One that is there already (a trial that is resumed) keeps what is in it.
 * @param bytes null = no limit
 */
export async function openWorkspaceDisk(
  ctx: EngineContext,
  folder: string,
  bytes: number | null,
): Promise<WorkspaceDisk> {
  const image = `${folder}.img`;
  await mkdir(folder, { recursive: true });
  const run = async (...command: string[]) =>
    (await runCommand(ctx, command, { timeoutMs: 60_000 })).code === 0;
  const unmount = async () => {
    if (await isMounted(folder)) await run('umount', folder);
  };
  const remove = async () => {
    await unmount();
    await rm(folder, { recursive: true, force: true });
    await rm(image, { force: true });
  };
  if (await isMounted(folder)) return { by: 'file-system', remove };
  const plain: WorkspaceDisk = { by: 'watched', remove };
  if (bytes === null || getuid?.() !== 0) return plain;
  const isNew = (await lstat(image).catch(() => null)) === null;
  if (isNew) {
    const file = await open(image, 'w', 0o600);
    await file.truncate(bytes);
    await file.close();
    const made = await run('mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal', image);
    if (!made) {
      await rm(image, { force: true });
      return plain;
    }
  }
  if (!(await run('mount', '-o', 'loop,nosuid,nodev', image, folder))) {
    if (isNew) await rm(image, { force: true });
    return plain;
  }
  await rmdir(join(folder, 'lost+found')).catch(() => {});
  return { by: 'file-system', remove };
}

async function isMounted(folder: string): Promise<boolean> {
  const own = await lstat(folder).catch(() => null);
  return own !== null && own.dev !== (await lstat(dirname(folder))).dev;
}
