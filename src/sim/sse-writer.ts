import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { RealAgenda } from './real-agenda.ts';
import { frameComment, frameEvent } from './sse-events.ts';
import type { TruthRecord } from './truth-log.ts';
import type { WireSpec } from './wire-spec.ts';

/** Writes events to a response in the spec's batching and keeps the truth of the token writes. */
export interface SseWriter {
  /** Sends the response head at once where the shape says so. */
  open(): void;
  /** @param tokens 0 for events without tokens; else they are logged when the event is out. */
  event(data: string, tokens?: number): void;
  /** Everything held back goes out, then `then` is called. */
  finish(then: () => void): void;
  /** Nothing is written any more. */
  close(): void;
}

export function createSseWriter(
  wire: WireSpec,
  res: ServerResponse,
  agenda: RealAgenda,
  truth: TruthRecord,
): SseWriter {
  let held: string[] = [];
  let heldTokens: number[] = [];
  let closed = false;
  /** No split piece may be written before this time. */
  let freeUs = 0;

  const head = (): void => {
    if (res.headersSent) return;
    truth.status = 200;
    res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...wire.extraHeaders,
    });
    res.flushHeaders();
  };
  const stamp = (tokens: readonly number[]): void => {
    const atUs = agenda.nowUs();
    for (const n of tokens) {
      truth.tokens.push({ atUs, tokens: n });
      truth.outputTokens += n;
    }
  };
  const write = (bytes: string | Buffer): void => {
    if (closed || res.destroyed) return;
    head();
    res.write(bytes);
    // Newer Node makes one HTTP chunk of all writes of a turn; servers that are played here do not.
    while (res.writableCorked > 0) res.uncork();
  };
  const flush = (): void => {
    if (held.length === 0 || closed) return;
    const text = held.join('');
    const tokens = heldTokens;
    held = [];
    heldTokens = [];
    if (wire.writesPerEvent === 1) {
      stamp(tokens);
      write(text);
      return;
    }
    const bytes = Buffer.from(text);
    const size = Math.ceil(bytes.length / wire.writesPerEvent);
    for (let from = 0; from < bytes.length; from += size) {
      const piece = bytes.subarray(from, from + size);
      const isLast = from + size >= bytes.length;
      later(() => {
        if (isLast) stamp(tokens);
        write(piece);
      });
    }
  };
  /** Runs pieces in order, `writeGapMs` apart. */
  const later = (run: () => void): void => {
    const atUs = Math.max(agenda.nowUs(), freeUs);
    freeUs = atUs + wire.writeGapMs * 1000;
    agenda.at(atUs, () => {
      if (!closed) run();
    });
  };
  const keepAlive = (): void => {
    if (wire.keepAliveMs === null) return;
    agenda.at(agenda.nowUs() + wire.keepAliveMs * 1000, () => {
      // A comment inside a split event would break it.
      if (closed || res.writableEnded) return;
      if (freeUs <= agenda.nowUs()) write(frameComment(wire, 'keepalive'));
      keepAlive();
    });
  };

  return {
    open() {
      if (wire.headers === 'early') head();
      keepAlive();
    },
    event(data, tokens = 0) {
      held.push(frameEvent(wire, data));
      if (tokens > 0) heldTokens.push(tokens);
      // Events without tokens wait behind held tokens, never for more.
      if (heldTokens.length >= wire.eventsPerWrite || heldTokens.length === 0) flush();
    },
    finish(then) {
      flush();
      const end = (): void => {
        if (closed) return;
        head();
        then();
      };
      if (freeUs > agenda.nowUs()) later(end);
      else end();
    },
    close() {
      closed = true;
    },
  };
}
