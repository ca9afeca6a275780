import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { hrtime } from 'node:process';

/** Where `performance.now()` of the calling thread has its zero on the clock that all threads share. */
export interface ThreadOrigin {
  /** On CLOCK_MONOTONIC (`process.hrtime`), nanoseconds. */
  hrNs: bigint;
  /** Narrowest bracket that was seen, microseconds: how far off `hrNs` may be. */
  errorUs: number;
}

/**
 * Each thread's `performance.now()` starts at its own zero; `process.hrtime` is one clock for all
 * of them, and for other processes of the machine. Takes about 0.3 ms.
 */
export function calibrateThread(tries = 2000): ThreadOrigin {
  let best = { hrNs: 0n, width: Number.POSITIVE_INFINITY };
  for (let i = 0; i < tries; i++) {
    const before = performance.now();
    const hr = hrtime.bigint();
    const after = performance.now();
    if (after - before >= best.width) continue;
    const middleNs = BigInt(Math.round(((before + after) / 2) * 1e6));
    best = { hrNs: hr - middleNs, width: after - before };
  }
  return { hrNs: best.hrNs, errorUs: best.width * 500 };
}

/** The calling thread's id, as /proc/self/task lists it; null where there is no /proc. */
export function readThreadId(): number | null {
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').pop());
    return Number.isSafeInteger(id) && id > 0 ? id : null;
  } catch {
    return null;
  }
}

/**
 * Lets short sleeps of the calling thread end on time: by default the kernel may delay each by
 * 50 microseconds to save wake-ups. False where that cannot be set.
 */
export function tightenSleeps(threadId: number | null): boolean {
  try {
    if (threadId === null) return false;
    writeFileSync(`/proc/${threadId}/timerslack_ns`, '1');
    return true;
  } catch {
    return false;
  }
}

/**
 * Steps behind this process: a third of its weight for a core. Not so far that a busy core starves
 * them: code that waits for its compilation runs at a tenth of its speed, and keeps the core busy.
 */
const helperNiceness = 5;
/** V8's default number of workers, and the thread that wakes them for delayed tasks. */
const helperThreads = 5;

/**
 * Moves V8's helper threads (compilation, parts of garbage collection) behind the threads that
 * wait for sockets, which they otherwise delay by tens of milliseconds where cores are few.
 * They are known by name from Node 22 on; before that they are the first that a process starts.
 * Returns how many were moved; 0 where nothing of that is possible.
 */
export function lowerHelperThreads(): number {
  try {
    const ids = readdirSync('/proc/self/task').map(Number);
    const named = ids.filter((id) => nameOf(id).startsWith('V8Worker'));
    const [, ...others] = ids.sort((x, y) => x - y);
    const helpers = named.length > 0 ? named : others.slice(0, helperThreads);
    return helpers.filter((id) => lower(id)).length;
  } catch {
    return 0;
  }
}

function nameOf(threadId: number): string {
  return readFileSync(`/proc/self/task/${threadId}/comm`, 'utf8').trim();
}

function lower(threadId: number): boolean {
  try {
    // Linux counts niceness by thread; Node hands the number on as it is.
    setPriority(threadId, Math.min(19, getPriority() + helperNiceness));
    return true;
  } catch {
    return false;
  }
}
