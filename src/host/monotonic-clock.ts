import type { Clock } from '../core/index.ts';

/** setTimeout fires at once above 2^31 - 1 ms. */
const longestTimerMs = 2 ** 30;

/**
 * The machine's monotonic clock. Origin: process start, so `nowUs()` and
 * `performance.now() * 1000` are the same time line.
 *
 * `sleepUntil` waits on timers: never early, on an idle loop late by about a millisecond, and
 * without work for a core meanwhile. Sends are paced by `createPacer`, in threads of their own.
 */
export function createMonotonicClock(): Clock {
  const nowUs = () => performance.now() * 1000;
  return { nowUs, wallMs: () => Date.now(), sleepUntil };

  async function sleepUntil(atUs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (atUs <= nowUs()) return;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const step = () => {
        const leftUs = atUs - nowUs();
        // Timers count whole milliseconds, and may fire early.
        if (leftUs > 0) {
          timer = setTimeout(step, Math.min(Math.ceil(leftUs / 1000), longestTimerMs));
          return;
        }
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      step();
    });
  }
}
