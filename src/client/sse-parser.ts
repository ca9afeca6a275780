import { BenchError } from '../core/index.ts';

/** One dispatched event of an event stream. */
export interface SseEvent {
  /** The `event:` field; `message` where the stream names none. */
  event: string;
  /** All `data:` lines, joined by LF. */
  data: string;
  /** The last `id:` seen so far in the stream; empty where there was none. */
  id: string;
}

export interface SseParser {
  /** Feeds one read. The bytes may be reused by the caller afterwards. */
  push(bytes: Uint8Array): void;
  /**
   * The same for bytes[from, to), but stops behind the first blank line.
   * @returns where it stopped; `to` when everything was taken.
   */
  pushEvent(bytes: Uint8Array, from: number, to: number): number;
  /** Nothing is pending: the next byte is the first of an event. */
  readonly atBoundary: boolean;
  /**
   * Forgets it all, for the next stream. @param mayHaveBom false: the caller has
   * seen that no byte order mark begins it; default true
   */
  reset(mayHaveBom?: boolean): void;
  /** Ends the stream. Per the standard an event without its blank line is discarded. */
  end(): void;
  /**
   * Bytes (line ends and comments not counted) since the last complete event: after `end`, what
   * was discarded.
   */
  readonly pendingBytes: number;
  /** The last valid `retry:` field, milliseconds. */
  readonly retryMs: number | null;
}

export interface SseParserOptions {
  /** Longest line, and largest sum of the lines of one event, in bytes. Default 16 MiB. */
  maxLineBytes?: number;
}

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
const bom = [0xef, 0xbb, 0xbf];

/**
 * Incremental parser of `text/event-stream` (WHATWG HTML, section 9.2). Where the reads are
 * cut makes no difference to the events. Lines end with LF, CR or CRLF; a CR ends its line at
 * once, so an event is never held back for the byte that follows.
 *
 * @throws BenchError `TARGET_SSE_LINE_TOO_LONG` from `push`, once and again on every later push.
 */
export function createSseParser(
  onEvent: (event: SseEvent) => void,
  options: SseParserOptions = {},
): SseParser {
  const maxBytes = options.maxLineBytes ?? 16 * 1024 * 1024;
  /** The pieces of a line whose end has not arrived. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  let skipLf = false;
  let bomChecked = false;
  let failed: BenchError | null = null;
  let ended = false;

  let eventName = '';
  let lastId = '';
  let retryMs: number | null = null;
  let dataLines = 0;
  let data = '';
  /** Bytes of the complete lines of the unfinished event, line ends not counted. */
  let eventBytes = 0;

  function fail(bytes: number): never {
    failed = new BenchError(
      'TARGET_SSE_LINE_TOO_LONG',
      `The event stream holds a line or event of over ${bytes} bytes (limit ${maxBytes}).`,
      { hint: 'The endpoint does not seem to speak server-sent events.' },
    );
    held = [];
    throw failed;
  }

  function dispatch(): void {
    const name = eventName;
    const body = data;
    const lines = dataLines;
    eventName = '';
    data = '';
    dataLines = 0;
    eventBytes = 0;
    if (lines > 0) onEvent({ event: name === '' ? 'message' : name, data: body, id: lastId });
  }

  function addData(value: string): void {
    data = dataLines === 0 ? value : `${data}\n${value}`;
    dataLines++;
  }

  function field(name: string, value: string): void {
    if (name === 'data') addData(value);
    else if (name === 'event') eventName = value;
    else if (name === 'id') {
      if (!value.includes('\u0000')) lastId = value;
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) retryMs = Number(value);
  }

  /** One complete line, without its end: buf[start, end). */
  function line(buf: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length === 0) {
      dispatch();
      return;
    }
    if (length > maxBytes) fail(length);
    if (buf[start] === COLON) return;
    eventBytes += length;
    if (eventBytes > maxBytes) fail(eventBytes);
    if (
      length >= 5 &&
      buf[start] === 0x64 &&
      buf[start + 1] === 0x61 &&
      buf[start + 2] === 0x74 &&
      buf[start + 3] === 0x61 &&
      buf[start + 4] === COLON
    ) {
      const from = length > 5 && buf[start + 5] === SPACE ? start + 6 : start + 5;
      addData(buf.toString('utf8', from, end));
      return;
    }
    const text = buf.toString('utf8', start, end);
    const colon = text.indexOf(':');
    if (colon === -1) field(text, '');
    else field(text.slice(0, colon), text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1));
  }

  function hold(buf: Buffer): void {
    if (buf.length === 0) return;
    held.push(Buffer.from(buf));
    heldBytes += buf.length;
    if (heldBytes > maxBytes) fail(heldBytes);
  }

  /** Takes the byte order mark off the head of the stream; null while it is undecided. */
  function withoutBom(buf: Buffer): Buffer | null {
    const head = heldBytes === 0 ? buf : Buffer.concat([...held, buf]);
    const mismatch = bom.findIndex((byte, i) => i >= head.length || head[i] !== byte);
    held = [];
    heldBytes = 0;
    if (mismatch !== -1 && mismatch === head.length) {
      hold(head);
      return null;
    }
    bomChecked = true;
    return mismatch === -1 ? head.subarray(3) : head;
  }

  function isAtBoundary(): boolean {
    return (
      bomChecked && heldBytes === 0 && dataLines === 0 && eventBytes === 0 && !skipLf && !failed
    );
  }

  /** Takes a piece of the stream; with `one` only up to the first blank line. */
  function consume(buf: Buffer, one: boolean): number {
    let at = 0;
    if (skipLf && buf.length > 0) {
      if (buf[0] === LF) at = 1;
      skipLf = false;
      if (one && at === 1 && isAtBoundary()) return at;
    }
    let lf = buf.indexOf(LF, at);
    // Of one event's line the rest of the buffer must not be searched through for a CR.
    const crIn = (from: number) =>
      one && lf !== -1 ? indexOfCr(buf, from, lf) : buf.indexOf(CR, from);
    let cr = crIn(at);
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      const isBlank = held.length === 0 && end === at;
      if (held.length > 0) {
        const whole = Buffer.concat([...held, buf.subarray(at, end)]);
        held = [];
        heldBytes = 0;
        line(whole, 0, whole.length);
      } else line(buf, at, end);
      at = end + 1;
      if (end === cr) {
        if (at < buf.length) {
          if (buf[at] === LF) at++;
        } else skipLf = true;
      }
      if (one && isBlank) return at;
      if (lf !== -1 && lf < at) lf = buf.indexOf(LF, at);
      if (one || end === cr) cr = crIn(at);
    }
    hold(at === 0 ? buf : buf.subarray(at));
    return buf.length;
  }

  function pushEvent(bytes: Uint8Array, from: number, to: number): number {
    if (failed) throw failed;
    if (ended || from >= to) return to;
    const buf = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
    if (bomChecked) return from + consume(buf, true);
    const whole = withoutBom(buf);
    if (whole !== null) consume(whole, false);
    return to;
  }

  function push(bytes: Uint8Array): void {
    if (failed) throw failed;
    if (ended || bytes.length === 0) return;
    const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = bomChecked ? buf : withoutBom(buf);
    if (whole !== null) consume(whole, false);
  }

  return {
    push,
    pushEvent,
    get atBoundary() {
      return isAtBoundary();
    },
    reset(mayHaveBom = true) {
      held = [];
      heldBytes = 0;
      skipLf = false;
      bomChecked = !mayHaveBom;
      failed = null;
      ended = false;
      eventName = '';
      lastId = '';
      retryMs = null;
      dataLines = 0;
      data = '';
      eventBytes = 0;
    },
    end() {
      ended = true;
      held = [];
      data = '';
    },
    get pendingBytes() {
      return heldBytes + eventBytes;
    },
    get retryMs() {
      return retryMs;
    },
  };
}

function indexOfCr(buf: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (buf[at] === CR) return at;
  return -1;
}
