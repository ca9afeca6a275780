import type { Clock } from '../../core/index.ts';

/** Work that a response's end makes, kept off the reads. */
export interface Endings {
  /** Does it after the sockets of this turn have been read. */
  later(finish: () => void): void;
}

/** Longest stretch of endings between two looks at the sockets, microseconds: a read waits no longer. */
const longestUs = 500;

/**
 * Streams that began together end together: hundreds of records to make, and as many new requests
 * to send. All sockets that are readable are read, and stamped, before that; then as many responses
 * are brought to their end as half a millisecond takes, then the sockets are read again.
 */
export function createEndings(clock: Pick<Clock, 'nowUs'>): Endings {
  let waiting: (() => void)[] = [];
  let at = 0;
  let isArmed = false;

  function drain(): void {
    isArmed = false;
    const sinceUs = clock.nowUs();
    while (at < waiting.length) {
      waiting[at++]?.();
      if (at < waiting.length && clock.nowUs() - sinceUs >= longestUs) return arm();
    }
    waiting = [];
    at = 0;
  }

  function arm(): void {
    if (isArmed) return;
    isArmed = true;
    setImmediate(drain);
  }

  return {
    later(finish) {
      waiting.push(finish);
      arm();
    },
  };
}
