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
