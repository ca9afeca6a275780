import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/**
 * The parent of the program inside. When the program ends, the kernel ends whatever it has left with
 * their PID namespace, within microseconds; so it first says so and waits, and those are counted.
 */
export interface Keeper {
  /** Whether a process is this one: it is nobody's work. */
  is(pid: number): boolean;
  /** The program has ended by now. */
  sawEnd(): boolean;
}

/** Signals to all of a group are for the program. What ends the shell itself only costs the count. */
const script = (fd: number) =>
  `trap : HUP INT TERM; "$@" ${fd}>&-; code=$?; echo "$code" >&${fd}; read -r _ <&${fd}; exit "$code"`;

/** In front of the program. @param fd a pipe in both directions, below 10 */
export const keeperCommand = (fd: number): string[] => ['/bin/sh', '-c', script(fd), 'keeper'];

/** The second process of the namespace: the first one is bwrap's own. */
const pidInside = '2';

/** @param onEnd told when the program has ended, while all that it left is still there */
export function followKeeper(pipe: Duplex, onEnd: () => void): Keeper {
  let ended = false;
  let known: number | null = null;
  pipe.on('error', () => {});
  pipe.once('data', () => {
    ended = true;
    onEnd();
    pipe.end('counted\n');
  });
  return {
    is(pid) {
      if (known === null && innermostPid(pid) === pidInside) known = pid;
      return pid === known;
    },
    sawEnd: () => ended,
  };
}

/** As its own PID namespace numbers it. */
function innermostPid(pid: number): string | null {
  try {
    const [, pids] = /^NSpid:\s+(.+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return pids?.split(/\s+/).at(-1) ?? null;
  } catch {
    return null;
  }
}
