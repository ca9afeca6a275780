import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/index.ts';

/** Files and sockets that this process may open (Node raises its own limit to the hard one). */
export function readOpenFileLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
    const known = [soft, hard].map(Number).filter((limit) => Number.isFinite(limit));
    return known.length === 0 ? null : Math.max(...known);
  } catch {
    return null;
  }
}

/** Smallest step of a clock, microseconds: the least of the differences between many readings. */
export function readClockStepUs(clock: Pick<Clock, 'nowUs'>): number {
  let least = Number.POSITIVE_INFINITY;
  let before = clock.nowUs();
  const startUs = before;
  // Readings without an advance are the rule on a coarse clock: time ends it, or their number.
  for (let i = 0; i < 1e6 && before - startUs < 20_000; i++) {
    const now = clock.nowUs();
    if (now > before) least = Math.min(least, now - before);
    before = now;
  }
  return least;
}

/** Bytes free to this user where `path` is, or would be created; null where nothing tells. */
export async function freeDiskBytes(path: string): Promise<number | null> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (dirname(at) === at) return null;
    }
  }
}
