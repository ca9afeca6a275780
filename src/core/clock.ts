/**
 * Time as a value that is passed in: real in production, virtual in known-answer tests.
 * `nowUs` is monotonic; wall time exists only to label results.
 */
export interface Clock {
  /** Monotonic microseconds since an arbitrary origin; fractions are allowed. */
  nowUs(): number;
  /** Wall-clock milliseconds since the epoch: for labels, never for durations. */
  wallMs(): number;
  /**
   * Resolves at or shortly after `atUs` (never before), or at once when that is past.
   * Rejects with the signal's reason when it is aborted first.
   */
  sleepUntil(atUs: number, signal?: AbortSignal): Promise<void>;
}

/** Waits a length of time on any clock. */
export function sleepMs(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return clock.sleepUntil(clock.nowUs() + ms * 1000, signal);
}

/** Work that is done again and again, one run at a time. */
export interface Repeated {
  /** Once more now, after the run under way. */
  again(): Promise<void>;
  /** Ends it; resolves when the run under way has ended. */
  stop(): Promise<void>;
}

/** Repeats work every so often, counted from start to start, until it is stopped. */
export function repeatEvery(clock: Clock, intervalMs: number, work: () => Promise<void>): Repeated {
  const stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const again = (): Promise<void> => {
    running = running.then(work);
    return running;
  };
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const dueUs = clock.nowUs() + intervalMs * 1000;
      await again();
      await clock.sleepUntil(dueUs, stopped.signal).catch(() => {});
    }
  })();
  return {
    again,
    async stop() {
      stopped.abort();
      await loop;
    },
  };
}
