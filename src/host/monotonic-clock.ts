import type { Clock } from '../core/index.ts';

/** setTimeout counts whole milliseconds and adds up to one: it hands over this long before. */
const timerMarginUs = 2_000;
/** Below this, one turn of the event loop may take longer than what is left. */
const spinUs = 50;
/** setTimeout fires at once above 2^31 - 1 ms. */
const longestTimerMs = 2 ** 30;

/**
 * The machine's monotonic clock. Origin: process start, so `nowUs()` and
 * `performance.now() * 1000` are the same time line.
 *
 * `sleepUntil` waits on a timer until 2 ms before the instant, then turns the event loop, which
 * serves sockets meanwhile, and spins without yielding only for the last 50 µs. It never fires
 * early; on an idle loop it is typically late by tens of microseconds. Each sleep costs up to
 * 2 ms of one core.
 */
export function createMonotonicClock(): Clock {
  const nowUs = () => performance.now() * 1000;
  return { nowUs, wallMs: () => Date.now(), sleepUntil };

  async function sleepUntil(atUs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (atUs - nowUs() <= spinUs) return spin(atUs);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let immediate: NodeJS.Immediate | undefined;
      const end = () => {
        clearTimeout(timer);
        clearImmediate(immediate);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        end();
        reject(signal?.reason);
      };
      const step = () => {
        const leftUs = atUs - nowUs();
        if (leftUs <= spinUs) {
          spin(atUs);
          end();
          resolve();
        } else if (leftUs > timerMarginUs + 1000) {
          const ms = Math.floor((leftUs - timerMarginUs) / 1000);
          timer = setTimeout(step, Math.min(ms, longestTimerMs));
        } else {
          immediate = setImmediate(step);
        }
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      step();
    });
  }

  function spin(atUs: number): void {
    while (nowUs() < atUs);
  }
}
