import type { Clock } from '../core/index.ts';

/** Most that passes between two turns of the event loop, microseconds. */
const mostUs = 1000;

export interface CalmClock extends Clock {
  stop(): void;
}

/**
 * For a client and a server in one process: real time without the stalls of a busy machine. However
 * long the process waited for its core, a millisecond passes at the most, and the event loop has taken
 * what arrived before the next one does. Two chunks that were written together are read within
 * two or three milliseconds of it, and requests that were sent together are served together.
 */
export function createCalmClock(): CalmClock {
  let calmUs = 0;
  let turnUs = performance.now() * 1000;
  let lastUs = -1;
  // Something passes between any two looks: what took time did not take none.
  const nowUs = () => {
    lastUs = Math.max(lastUs + 1, calmUs + Math.min(mostUs, performance.now() * 1000 - turnUs));
    return lastUs;
  };
  const sleepers = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  // Behind the sockets' part of a turn: timers alone may come again and again before it.
  const turn = () => {
    if (stopped) return;
    calmUs = nowUs();
    turnUs = performance.now() * 1000;
    for (const look of [...sleepers]) look();
    timer = setTimeout(() => setImmediate(turn), 1);
  };
  turn();
  return {
    nowUs,
    wallMs: () => Date.now(),
    sleepUntil(atUs, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (atUs <= nowUs()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const leave = () => {
          sleepers.delete(look);
          signal?.removeEventListener('abort', onAbort);
        };
        const look = () => {
          if (nowUs() < atUs) return;
          leave();
          resolve();
        };
        const onAbort = () => {
          leave();
          reject(signal?.reason);
        };
        sleepers.add(look);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
