/** A first-in-first-out cap on requests in flight. `null` capacity = no cap. */
export interface Slots {
  readonly inUse: number;
  /** Calls `start` now or, in order, when a slot frees; `start` must lead to one `release()`. */
  take(start: () => void): void;
  release(): void;
  /** Forgets everything that still waits; returns how many there were. */
  clear(): number;
}

export function createSlots(capacity: number | null): Slots {
  const limit = capacity ?? Number.POSITIVE_INFINITY;
  let waiting: (() => void)[] = [];
  let head = 0;
  let inUse = 0;
  return {
    get inUse() {
      return inUse;
    },
    take(start) {
      if (inUse < limit) {
        inUse += 1;
        start();
      } else {
        waiting.push(start);
      }
    },
    release() {
      const next = waiting[head];
      if (next === undefined) {
        inUse -= 1;
        return;
      }
      head += 1;
      // Keeps shift() off a long queue: an overloaded level may have thousands waiting.
      if (head > 1024 && head * 2 > waiting.length) {
        waiting = waiting.slice(head);
        head = 0;
      }
      next();
    },
    clear() {
      const left = waiting.length - head;
      waiting = [];
      head = 0;
      return left;
    },
  };
}
