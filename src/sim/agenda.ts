/** A callback at a time: what the engine model needs of time, real or virtual. */
export interface Agenda {
  /** Microseconds on the owner's clock. */
  nowUs(): number;
  /**
   * Calls `run` at `atUs`, or as soon as possible after it; calls come in order of `atUs`, equal
   * ones in order of registration. The argument is `atUs` itself, so that lateness of the real
   * clock never adds up.
   */
  at(atUs: number, run: (atUs: number) => void): AgendaEntry;
}

export interface AgendaEntry {
  cancel(): void;
}

/** A binary heap of callbacks ordered by time, then by registration. */
export interface EventQueue {
  push(atUs: number, run: (atUs: number) => void): AgendaEntry;
  /** Time of the earliest live entry; null when there is none. */
  nextUs(): number | null;
  /** Takes out the earliest live entry and calls it; false when there is none. */
  runNext(): boolean;
  clear(): void;
}

class Entry implements AgendaEntry {
  readonly atUs: number;
  readonly seq: number;
  run: ((atUs: number) => void) | null;

  constructor(atUs: number, seq: number, run: (atUs: number) => void) {
    this.atUs = atUs;
    this.seq = seq;
    this.run = run;
  }

  cancel(): void {
    this.run = null;
  }
}

const isBefore = (a: Entry, b: Entry) => a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq);

export function createEventQueue(): EventQueue {
  const heap: Entry[] = [];
  let seq = 0;

  const takeFirst = (): void => {
    const last = heap.pop() as Entry;
    const size = heap.length;
    if (size === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      const entry = heap[child] as Entry;
      if (!isBefore(entry, last)) break;
      heap[i] = entry;
      i = child;
    }
    heap[i] = last;
  };
  /** Cancelled entries leave the heap when they come to its top. */
  const first = (): Entry | undefined => {
    while (heap.length > 0 && heap[0]?.run === null) takeFirst();
    return heap[0];
  };

  return {
    push(atUs, run) {
      if (!Number.isFinite(atUs)) throw new Error(`an event needs a finite time, got ${atUs}`);
      const entry = new Entry(atUs, seq++, run);
      let i = heap.length;
      while (i > 0) {
        const parent = (i - 1) >> 1;
        const above = heap[parent] as Entry;
        if (!isBefore(entry, above)) break;
        heap[i] = above;
        i = parent;
      }
      heap[i] = entry;
      return entry;
    },
    nextUs: () => first()?.atUs ?? null,
    runNext() {
      const entry = first();
      if (!entry?.run) return false;
      const run = entry.run;
      entry.run = null;
      takeFirst();
      run(entry.atUs);
      return true;
    },
    clear() {
      heap.length = 0;
    },
  };
}
