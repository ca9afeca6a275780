import { readFileSync } from 'node:fs';
import { lstat, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, repeatEvery } from '../core/index.ts';
import type { LimitReport, SandboxLimits } from './sandbox.ts';

/** What nobody else holds is looked at again and again. */
export interface Watch {
  diskBy: LimitReport['by'] | null;
  reached(): { memory: boolean; disk: boolean | null };
  memoryPeakBytes(): number | null;
  stop(): Promise<void>;
}

interface WatchOptions {
  limits: SandboxLimits;
  /** The kernel does not hold the memory. */
  watchMemory: boolean;
  workspace: string;
  /** Other folders of it on this machine's disk: what they hold counts too. */
  scratch: readonly string[];
  members(): number[];
  /** Called once, when one is over. */
  onOver(): void;
}

const intervalMs = 250;
/** Full: less is left than this share, or than one write may need. */
const fullShare = 0.01;
const fullBytes = 2 << 20;
/** A file system takes some of its size for itself. */
const sizeShare = 1.02;

export async function startWatch(clock: Clock, options: WatchOptions): Promise<Watch> {
  const { limits, watchMemory, workspace, scratch, members, onOver } = options;
  const { memoryBytes, diskBytes } = limits;
  const isOwnDisk = diskBytes !== null && (await isFileSystemOf(workspace, diskBytes));
  let overMemory = false;
  let overDisk: boolean | null = diskBytes === null ? null : false;
  let peak: number | null = null;
  const folders = diskBytes === null ? null : watchFolders([workspace, ...scratch], diskBytes);
  const lookAtDisk = async ({ isLast = false } = {}) => {
    if (folders === null) return;
    if (isOwnDisk) {
      const { blocks, bavail, bsize } = await statfs(workspace);
      if (bavail * bsize < Math.max(fullBytes, blocks * bsize * fullShare)) overDisk = true;
    } else if (await folders.areOver({ isLast })) overDisk = true;
  };
  const look = async () => {
    if (watchMemory && memoryBytes !== null) {
      const held = members().reduce((sum, pid) => sum + heldBytes(pid), 0);
      peak = Math.max(peak ?? 0, held);
      if (held > memoryBytes) overMemory = true;
    }
    await lookAtDisk().catch(() => {});
    if (overMemory || (overDisk === true && !isOwnDisk)) onOver();
  };
  const needed = diskBytes !== null || (watchMemory && memoryBytes !== null);
  const repeated = needed ? repeatEvery(clock, intervalMs, look) : null;
  return {
    diskBy: diskBytes === null ? null : isOwnDisk ? 'file-system' : 'watched',
    reached: () => ({ memory: overMemory, disk: overDisk }),
    memoryPeakBytes: () => peak,
    async stop() {
      await repeated?.stop();
      await lookAtDisk({ isLast: true }).catch(() => {});
    },
  };
}

/** So often the size is taken from the disk's free space before the folders are gone through again. */
const mostSkipped = 20;

/**
 * Goes through folders only when they may have grown beyond the limit: with many files that takes
 * time, which a measured server must not lose. The disk's free space says how much they can have grown,
 * as long as nobody else frees some.
 */
function watchFolders(folders: readonly string[], limit: number) {
  let known: { used: number; free: number } | null = null;
  let skipped = 0;
  return {
    async areOver({ isLast }: { isLast: boolean }): Promise<boolean> {
      const { bavail, bsize } = await statfs(folders[0] as string);
      const free = bavail * bsize;
      const canHold = known === null ? Number.POSITIVE_INFINITY : known.used + known.free - free;
      if (!isLast && canHold <= limit && ++skipped < mostSkipped) return false;
      skipped = 0;
      let used = 0;
      for (const folder of folders) used += await usedBytes(folder, limit);
      known = { used, free };
      return used > limit;
    },
  };
}

/** Whether a folder is the top of a file system that is no larger than that. */
async function isFileSystemOf(folder: string, bytes: number): Promise<boolean> {
  const [own, above] = await Promise.all([lstat(folder), lstat(dirname(folder))]);
  if (own.dev === above.dev) return false;
  const { blocks, bsize } = await statfs(folder);
  return blocks * bsize <= bytes * sizeShare;
}

/** What a folder takes on disk; counts no further than `enough`. */
async function usedBytes(folder: string, enough: number): Promise<number> {
  let sum = 0;
  const queue = [folder];
  for (let dir = queue.pop(); dir !== undefined && sum * 512 <= enough; dir = queue.pop()) {
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) queue.push(path);
      else sum += (await lstat(path).catch(() => null))?.blocks ?? 0;
    }
  }
  return sum * 512;
}

/** Memory that is its own; files of which it reads pages are not counted. */
function heldBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return ((of('RssAnon') || 0) + (of('RssShmem') || 0)) * 1024;
  } catch {
    return 0;
  }
}
