import type { Clock } from '../core/index.ts';
import { type Agenda, createEventQueue } from './agenda.ts';

/**
 * Time that passes only when nothing is left to do at the present instant: a discrete-event
 * simulation under code that was written for a real clock.
 */
export interface VirtualClock extends Clock, Agenda {
  /**
   * Jumps from event to event until `work` settles, and settles as it does. An event later than
   * the settling never runs. Rejects when `work` waits for something that no event brings.
   */
  drive<T>(work: Promise<T>): Promise<T>;
  /** Runs all events up to and including `toUs`; the clock then stands there. */
  advanceTo(toUs: number): Promise<void>;
  /** Runs until no event is left. */
  run(): Promise<void>;
  /**
   * Says that a promise was settled inside an `at` callback, so that its continuations run before
   * time goes on. `sleepUntil` says so itself.
   */
  wake(): void;
  /** Events run so far. */
  eventCount(): number;
}

export interface VirtualClockOptions {
  startUs?: number;
  /** What `wallMs` says at `startUs`; it advances with the clock. */
  wallStartMs?: number;
  /** Real time that `drive` lets pass with no event in sight before it calls the work stuck. */
  stuckAfterMs?: number;
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const realMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * After an event that settled a promise, one turn of the event loop (setImmediate) is awaited:
 * Node drains its whole microtask queue first, however long the chain of continuations is. Events
 * that settle nothing (the tokens of the engine model) cost no turn. Real input and output inside
 * the simulated code is not waited for, except when no event is left.
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const startUs = options.startUs ?? 0;
  const wallStartMs = options.wallStartMs ?? 1_700_000_000_000;
  const stuckAfterMs = options.stuckAfterMs ?? 5000;
  const queue = createEventQueue();
  let nowUs = startUs;
  let woken = true;
  let events = 0;

  const drain = async (): Promise<void> => {
    while (woken) {
      woken = false;
      await turnOfTheLoop();
    }
  };
  const step = (nextUs: number): void => {
    if (nextUs > nowUs) nowUs = nextUs;
    events++;
    queue.runNext();
  };

  const runUntil = async (limitUs: number, isDone: () => boolean): Promise<void> => {
    woken = true;
    for (;;) {
      if (woken) await drain();
      if (isDone()) return;
      const nextUs = queue.nextUs();
      if (nextUs === null || nextUs > limitUs) return;
      step(nextUs);
    }
  };

  return {
    nowUs: () => nowUs,
    wallMs: () => wallStartMs + (nowUs - startUs) / 1000,
    at: (atUs, run) => queue.push(Math.max(atUs, nowUs), run),
    wake() {
      woken = true;
    },
    eventCount: () => events,
    sleepUntil(atUs, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (atUs <= nowUs) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          entry.cancel();
          woken = true;
          reject(signal?.reason);
        };
        const entry = queue.push(atUs, () => {
          signal?.removeEventListener('abort', onAbort);
          woken = true;
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async drive(work) {
      let settled = false;
      const watched = work.finally(() => {
        settled = true;
      });
      // The caller gets the rejection from the last line; until then it must not count as unhandled.
      watched.catch(() => {});
      let waitedMs = 0;
      while (!settled) {
        await runUntil(Number.POSITIVE_INFINITY, () => settled);
        if (settled) break;
        await realMs(1);
        if (queue.nextUs() !== null) waitedMs = 0;
        else if (++waitedMs > stuckAfterMs)
          throw new Error(`virtual clock: no event left at ${nowUs} us, but the work is not done`);
      }
      return watched;
    },
    async advanceTo(toUs) {
      await runUntil(toUs, () => false);
      if (toUs > nowUs) nowUs = toUs;
    },
    run: () => runUntil(Number.POSITIVE_INFINITY, () => false),
  };
}
