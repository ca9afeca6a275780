import { createHash } from 'node:crypto';
import type { Clock } from '../core/index.ts';
import type { ChatMessage, LevelPlan, PlannedRequest } from '../model/index.ts';
import type { BodyBatch, PlanRows } from './messages.ts';

export interface PlanFeedOptions {
  plan: LevelPlan;
  /** Feeds the requests `offset`, `offset + stride`, ... */
  offset: number;
  stride: number;
  /** How many of them are counted; others follow only with a tail. */
  counted: number;
  tail: boolean;
  clock: Clock;
  /** Most bytes of bodies made and not yet sent. */
  budgetBytes: number;
  /** Conversations go to `makeBody` as messages; else as one text. */
  takesMessages?: boolean;
  makeBody(request: PlannedRequest, prompt: string | readonly ChatMessage[]): string;
  onRows(rows: PlanRows): void;
  onBodies(bodies: BodyBatch): void;
}

/** Makes one thread's part of a plan ahead of its sends, within a budget. */
export interface PlanFeed {
  /** Resolves when enough is made to start: all of the look-ahead, or what fits into 0.2 s. */
  prime(): Promise<void>;
  /** The thread is about to send its request `next`. */
  consumed(next: number): void;
  stop(): void;
  figures(): { made: number; bytes: number; sha256: string | null };
}

/** Bodies reach so far ahead of the sends; anything above 5 s outlives any pause of this thread. */
const lookAheadUs = 6e6;
/** The schedule itself is small: it reaches a minute ahead, or so many requests. */
const rowsAheadUs = 60e6;
const rowsAhead = 65_536;
const rowsPerMessage = 4096;
const primeMs = 200;
/** Longest stretch of work between two turns of this thread's event loop. */
const sliceMs = 4;
const batchBytes = 256 * 1024;

export function createPlanFeed(options: PlanFeedOptions): PlanFeed {
  const { plan, offset, stride, counted, clock } = options;
  const last = options.tail ? Number.POSITIVE_INFINITY : counted;
  // The driver looks at the row behind the last one to find that it is not to be sent.
  const lastRow = last + 1;
  const at = (own: number) => plan.at(offset + own * stride);
  const takesMessages = options.takesMessages === true;
  const closed = plan.load.kind === 'closed';
  const callers = plan.load.maxConcurrency ?? 1;
  const hash = createHash('sha256');
  const encoder = new TextEncoder();
  /** Sizes of bodies not yet sent, by own index. */
  const sizes = new Map<number, number>();
  let rows = 0;
  let made = 0;
  let bytes = 0;
  let aheadBytes = 0;
  let next = 0;
  let startUs: number | null = null;
  let stopped = false;
  let scheduled = false;
  let primed: (() => void) | null = null;
  let primeUntilUs = 0;

  /** Requests a second that the closed loop takes, as seen so far. */
  function takenPerS(): number {
    const elapsedS = startUs === null ? 0 : (clock.nowUs() - startUs) / 1e6;
    return elapsedS > 0.2 ? next / elapsedS : 0;
  }

  function reaches(own: number, us: number): boolean {
    if (closed) return own - next >= 4 * callers + 64 + (takenPerS() * us) / 1e6;
    if (own - next < 64) return false;
    return (at(own - 1).intendedUs ?? 0) - (at(next).intendedUs ?? 0) >= us;
  }

  const wantsRows = () =>
    rows < lastRow && (rows <= made || rows - next < rowsAhead || !reaches(rows, rowsAheadUs));
  const wantsBodies = () =>
    made < last && aheadBytes < options.budgetBytes && !reaches(made, lookAheadUs);

  function sendRows(): void {
    const length = Math.min(rowsPerMessage, lastRow - rows);
    const block: PlanRows = {
      from: rows,
      intendedUs: new Float64Array(length),
      inputTokens: new Uint32Array(length),
      outputTokens: new Uint32Array(length),
    };
    for (let i = 0; i < length; i++) {
      const request = at(rows + i);
      block.intendedUs[i] = request.intendedUs ?? Number.NaN;
      block.inputTokens[i] = request.inputTokens;
      block.outputTokens[i] = request.outputTokens;
    }
    rows += length;
    options.onRows(block);
  }

  function sendBodies(untilUs: number): void {
    const from = made;
    const texts: Uint8Array[] = [];
    let size = 0;
    while (wantsBodies() && size < batchBytes && (size === 0 || clock.nowUs() < untilUs)) {
      const request = at(made);
      const prompt = takesMessages ? plan.messages?.(request) : undefined;
      const body = encoder.encode(options.makeBody(request, prompt ?? plan.promptText(request)));
      if (made < counted) hash.update(body);
      texts.push(body);
      // Where the thread is waiting for it, it goes out at once.
      if (made >= next) {
        sizes.set(made, body.length);
        aheadBytes += body.length;
      }
      made += 1;
      size += body.length;
    }
    if (texts.length === 0) return;
    bytes += size;
    const whole = new Uint8Array(size);
    const ends = new Uint32Array(texts.length);
    let end = 0;
    texts.forEach((text, i) => {
      whole.set(text, end);
      end += text.length;
      ends[i] = end;
    });
    options.onBodies({ from, bytes: whole, ends });
  }

  function slice(): void {
    scheduled = false;
    if (stopped) return;
    const untilUs = clock.nowUs() + sliceMs * 1000;
    while (clock.nowUs() < untilUs && (wantsRows() || wantsBodies())) {
      // Rows go first: a body without its row would be of no use.
      if (wantsRows() && (rows - made < rowsPerMessage || !wantsBodies())) sendRows();
      else sendBodies(untilUs);
    }
    if (wantsRows() || wantsBodies()) schedule();
    if (!wantsBodies() || clock.nowUs() >= primeUntilUs) primed?.();
  }

  function schedule(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(slice);
  }

  return {
    prime() {
      if (stopped) return Promise.resolve();
      primeUntilUs = clock.nowUs() + primeMs * 1000;
      return new Promise((resolve) => {
        primed = () => {
          primed = null;
          startUs = clock.nowUs();
          resolve();
        };
        schedule();
      });
    },
    consumed(own) {
      for (; next < own; next++) {
        aheadBytes -= sizes.get(next) ?? 0;
        sizes.delete(next);
      }
      if (wantsRows() || wantsBodies()) schedule();
    },
    stop() {
      stopped = true;
      primed?.();
    },
    figures: () => ({
      made,
      bytes,
      sha256: made >= counted ? hash.copy().digest('hex') : null,
    }),
  };
}
