import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pid as ownPid } from 'node:process';
import { BenchError, sleepMs } from '../core/index.ts';
import { makeFolder } from './cache.ts';
import type { EngineContext } from './context.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess, isProcessAlive } from './process-identity.ts';

interface LockRecord extends ProcessIdentity {
  host: string;
  what: string;
  token: string;
}

export interface LockOptions {
  /** What the holder is doing, for the message of those who wait: `installing llama.cpp`. */
  what: string;
  /** Give up after this; default 30 minutes. */
  timeoutMs?: number;
  pollMs?: number;
}

/**
 * Runs `work` while holding a lock file that other processes respect. The lock of a process that
 * no longer exists is taken over. Not re-entrant.
 * @throws BenchError `PREREQ_LOCK_TIMEOUT`; the abort reason when `ctx.signal` is aborted.
 */
export async function withLock<T>(
  ctx: EngineContext,
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(dirname(path));
  const mine: LockRecord = {
    ...identifyProcess(ownPid),
    host: hostname(),
    what: options.what,
    token: randomUUID(),
  };
  await acquire(ctx, path, mine, options);
  try {
    await removeDrafts(path);
    return await work();
  } finally {
    if ((await readLock(path))?.token === mine.token) await rm(path, { force: true });
  }
}

async function acquire(
  ctx: EngineContext,
  path: string,
  mine: LockRecord,
  options: LockOptions,
): Promise<void> {
  const deadlineUs = ctx.clock.nowUs() + (options.timeoutMs ?? 30 * 60_000) * 1000;
  let told = false;
  while (!(await tryCreate(path, mine))) {
    const holder = await readLock(path);
    if (holder && isStale(holder)) {
      await breakStale(path, mine);
      continue;
    }
    if (holder && !told) {
      told = true;
      ctx.emit({
        kind: 'log',
        message: `Waiting for process ${holder.pid}, which is ${holder.what}.`,
      });
    }
    if (ctx.clock.nowUs() > deadlineUs) {
      throw new BenchError(
        'PREREQ_LOCK_TIMEOUT',
        `Process ${holder?.pid ?? '?'} on ${holder?.host ?? '?'} still holds ${path}.`,
        { hint: `If nothing is running there, delete that file and try again.` },
      );
    }
    await sleepMs(ctx.clock, options.pollMs ?? 200, ctx.signal);
  }
}

/** Creates the lock whole or not at all: a half-written record could be mistaken for a stale one. */
async function tryCreate(path: string, record: LockRecord): Promise<boolean> {
  const draft = `${path}.${record.token}`;
  await writeFile(draft, JSON.stringify(record));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readLock(path: string): Promise<LockRecord | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

/** A lock from another machine (shared home) cannot be judged and is left to its timeout. */
function isStale(holder: LockRecord): boolean {
  return holder.host === hostname() && !isProcessAlive(holder);
}

/**
 * Removes a dead holder's lock. Only one process may do so at a time: without that, a slow one
 * could remove the lock that a fast one has just taken.
 */
async function breakStale(path: string, mine: LockRecord): Promise<void> {
  const breaker = `${path}.breaking`;
  if (!(await tryCreate(breaker, mine))) {
    const other = await readLock(breaker);
    if (other && isStale(other)) await rm(breaker, { force: true });
    return;
  }
  try {
    const holder = await readLock(path);
    if (holder && isStale(holder)) await rm(path, { force: true });
  } finally {
    await rm(breaker, { force: true });
  }
}

/** Those of processes that were killed while they tried to take this lock. */
async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const draft = await readLock(join(folder, name));
    if (draft && isStale(draft)) await rm(join(folder, name), { force: true });
  }
}
