import type { LevelPlan, PlannedRequest } from '../model/index.ts';
import type { BodyBatch, PlanRows, WorkerLevel } from './messages.ts';

/** The plan as an I/O thread knows it: rows and bodies come in as another thread makes them. */
export interface StreamedPlan {
  plan: LevelPlan;
  addRows(rows: PlanRows): void;
  addBodies(bodies: BodyBatch): void;
  /**
   * Takes the body of a request out, by its index in the whole plan. Undefined: it has not come.
   */
  takeBody(index: number): Uint8Array | undefined;
  /** The same, once it comes. Rejects with the signal's reason. */
  waitForBody(index: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Own index of the next request that the driver asks for. */
  readonly next: number;
  /** Bodies at hand. */
  readonly stock: number;
}

export function createStreamedPlan(level: WorkerLevel): StreamedPlan {
  const blocks: PlanRows[] = [];
  const bodies = new Map<number, Uint8Array>();
  const waiting = new Map<number, (body: Uint8Array) => void>();
  const wholeIndex = (own: number) => level.offset + own * level.stride;
  let next = 0;

  function at(own: number): PlannedRequest {
    next = Math.max(next, own);
    for (let first = blocks[0]; first && blocks.length > 1; first = blocks[0]) {
      if (first.from + first.intendedUs.length > own) break;
      blocks.shift();
    }
    for (const block of blocks) {
      const i = own - block.from;
      const intendedUs = block.intendedUs[i];
      if (i < 0 || intendedUs === undefined) continue;
      return {
        index: wholeIndex(own),
        intendedUs: Number.isNaN(intendedUs) ? null : intendedUs,
        inputTokens: block.inputTokens[i] ?? 0,
        outputTokens: block.outputTokens[i] ?? 0,
        // The prompt is in the body already.
        prompt: { dataset: '', seed: 0, row: null },
      };
    }
    throw new Error(
      `the plan ran dry at request ${own}: the main thread made no schedule for a minute`,
    );
  }

  return {
    plan: {
      load: level.load,
      seed: level.seed,
      countedRequests: level.countedRequests,
      durationUs: level.durationUs,
      hash: level.planHash,
      at,
      promptText: () => '',
    },
    addRows(rows) {
      blocks.push(rows);
    },
    addBodies({ from, bytes, ends }) {
      let start = 0;
      ends.forEach((end, i) => {
        const index = wholeIndex(from + i);
        const body = bytes.subarray(start, end);
        start = end;
        const waiter = waiting.get(index);
        if (!waiter) bodies.set(index, body);
        waiting.delete(index);
        waiter?.(body);
      });
    },
    takeBody(index) {
      const body = bodies.get(index);
      bodies.delete(index);
      return body;
    },
    waitForBody: (index, signal) =>
      new Promise((resolve, reject) => {
        const onAbort = () => {
          waiting.delete(index);
          reject(signal.reason as Error);
        };
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.set(index, (body) => {
          signal.removeEventListener('abort', onAbort);
          resolve(body);
        });
      }),
    get next() {
      return next;
    },
    get stock() {
      return bodies.size;
    },
  };
}
