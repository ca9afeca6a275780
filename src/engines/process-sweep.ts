import { readdirSync, readFileSync } from 'node:fs';
import { kill } from 'node:process';
import type { Clock } from '../core/index.ts';
import { sleepMs } from '../core/index.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess, isProcessAlive, readProcessStat } from './process-identity.ts';

/** Environment variable by which a process is known to be of one started engine. */
export const runMarker = 'INFERENCEBENCH_ENGINE_RUN';

/**
 * The processes below `rootPid`, nearest first, without it; empty where there is no /proc.
 * What has been re-parented to init is not among them: see {@link findMarked}.
 */
export function descendantsOf(rootPid: number): ProcessIdentity[] {
  const byParent = new Map<number, number[]>();
  for (const pid of allPids()) {
    const stat = readProcessStat(pid);
    if (!stat) continue;
    byParent.set(stat.parentPid, [...(byParent.get(stat.parentPid) ?? []), pid]);
  }
  const found: number[] = [];
  const queue = [rootPid];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const children = byParent.get(pid) ?? [];
    found.push(...children);
    queue.push(...children);
  }
  return found.map(identifyProcess);
}

/** Processes that inherited the marker, wherever they have moved to (setsid, double fork). */
export function findMarked(marker: string): ProcessIdentity[] {
  return findWithVariable(runMarker, marker);
}

/** Processes with this in the environment that they were started with, as far as it may be read. */
export function findWithVariable(name: string, value: string): ProcessIdentity[] {
  const wanted = `${name}=${value}`;
  return allPids()
    .filter((pid) => environmentOf(pid).includes(wanted))
    .map(identifyProcess)
    .filter(isProcessAlive);
}

/**
 * Processes of a group, also those that are just ending: their environment is gone before their
 * files and ports are, so that no marker finds them.
 */
export function findInGroup(groupPid: number): ProcessIdentity[] {
  return allPids()
    .filter((pid) => readProcessStat(pid)?.groupId === groupPid)
    .map(identifyProcess)
    .filter(isProcessAlive);
}

export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return kill(pid, signal);
  } catch {
    return false;
  }
}

/** Kills and waits until they are gone; returns those that are not after `timeoutMs`. */
export async function killAll(
  clock: Clock,
  processes: readonly ProcessIdentity[],
  timeoutMs = 3_000,
): Promise<ProcessIdentity[]> {
  const deadlineUs = clock.nowUs() + timeoutMs * 1000;
  for (;;) {
    const alive = processes.filter(isProcessAlive);
    if (alive.length === 0 || clock.nowUs() > deadlineUs) return alive;
    for (const { pid } of alive) sendSignal(pid, 'SIGKILL');
    await sleepMs(clock, 20);
  }
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
