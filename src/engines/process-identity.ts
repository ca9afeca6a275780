import { readFileSync } from 'node:fs';
import { kill, pid as ownPid } from 'node:process';

/**
 * A process that cannot be confused with a later one of the same number. `startTicks` is the
 * start time as /proc tells it (clock ticks since boot), null where there is no /proc.
 */
export interface ProcessIdentity {
  pid: number;
  startTicks: number | null;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startTicks: readProcessStat(pid)?.startTicks ?? null };
}

/** This process. */
export const identifyOwnProcess = (): ProcessIdentity => identifyProcess(ownPid);

/**
 * Whether that very process is running. Zombies count as gone, but for one whose other threads
 * are still at it: these hold its files and ports.
 */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  if (!hasPid(identity.pid)) return false;
  const stat = readProcessStat(identity.pid);
  // No /proc: the number is all there is to go by.
  if (!stat) return identity.startTicks === null;
  if (stat.state === 'X' || (stat.state === 'Z' && stat.threads <= 1)) return false;
  return identity.startTicks === null || identity.startTicks === stat.startTicks;
}

export interface ProcessStat {
  state: string;
  parentPid: number;
  groupId: number;
  /** The leader counts, also as a zombie. */
  threads: number;
  startTicks: number;
}

/** Fields 3, 4, 5, 20 and 22 of `/proc/PID/stat` (proc(5)); null where it cannot be read. */
export function readProcessStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The command name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '',
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
  };
}

function hasPid(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
