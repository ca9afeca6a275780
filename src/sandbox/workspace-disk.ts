import { lstat, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { BenchError } from '../core/index.ts';
import type { EngineContext } from '../engines/index.ts';
import { runCommand } from '../engines/index.ts';

/**
 * Makes a folder that holds no more than it may, as a file system in a file beside it where that can
 * be: as root, with loop devices. One that is there already (a trial that is resumed) keeps what is in it.
 * @param bytes null = no limit
 * @returns `file-system`: whoever fills it is refused; `watched`: left to the sandbox
 * @throws BenchError PREREQ_SANDBOX where what is in it cannot be had again; the abort reason
 */
export async function openWorkspaceDisk(
  ctx: EngineContext,
  folder: string,
  bytes: number | null,
): Promise<'file-system' | 'watched'> {
  const image = imageOf(folder);
  await mkdir(folder, { recursive: true });
  if (await isMounted(folder)) return 'file-system';
  const isNew = (await lstat(image).catch(() => null)) === null;
  if (isNew) {
    // What lies there already would be hidden below a file system.
    const isEmpty = (await readdir(folder)).length === 0;
    if (bytes === null || getuid?.() !== 0 || !isEmpty) return 'watched';
    ctx.signal?.throwIfAborted();
    const file = await open(image, 'w', 0o600);
    await file.truncate(bytes);
    await file.close();
    const made = await run(ctx, 'mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal', image);
    if (!made) {
      await rm(image, { force: true });
      return 'watched';
    }
  }
  if (!(await run(ctx, 'mount', '-o', 'loop,nosuid,nodev', image, folder))) {
    if (!isNew) throw cannotMount(image);
    await rm(image, { force: true });
    return 'watched';
  }
  await rmdir(join(folder, 'lost+found')).catch(() => {});
  return 'file-system';
}

/** Lets go of it: nothing stays mounted, and what is in it is there when it is opened again. */
export async function closeWorkspaceDisk(ctx: EngineContext, folder: string): Promise<void> {
  if (!(await isMounted(folder))) return;
  // Somebody may have a shell in there: for them it is gone when they leave.
  if (!(await run(ctx, 'umount', folder))) await run(ctx, 'umount', '--lazy', folder);
}

/** Takes it away with all that is in it. */
export async function removeWorkspaceDisk(ctx: EngineContext, folder: string): Promise<void> {
  await closeWorkspaceDisk(ctx, folder);
  await rm(folder, { recursive: true, force: true });
  await rm(imageOf(folder), { force: true });
}

const imageOf = (folder: string) => `${folder}.img`;

/** To its end, whether there was an interrupt or not: half a file system is worse than a late one. */
async function run(
  { signal: _signal, ...ctx }: EngineContext,
  ...command: string[]
): Promise<boolean> {
  return (await runCommand(ctx, command, { timeoutMs: 60_000 })).code === 0;
}

async function isMounted(folder: string): Promise<boolean> {
  const own = await lstat(folder).catch(() => null);
  return own !== null && own.dev !== (await lstat(dirname(folder))).dev;
}

const cannotMount = (image: string) =>
  new BenchError('PREREQ_SANDBOX', `The workspace in "${image}" cannot be mounted.`, {
    hint: `It was made as root, on a machine with loop devices: go on there. What is wrong is told by: mount -o loop "${image}" /mnt`,
  });
