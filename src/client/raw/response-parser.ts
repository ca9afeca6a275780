import { parseResponseHead, type ResponseHead } from './response-head.ts';

/** What a response tells while it is read. */
export interface ResponseHandlers {
  /** Also for 1xx heads, behind which another head follows. */
  head(head: ResponseHead): void;
  /** A piece of the body, framing taken off: bytes[from, to), valid during the call only. */
  body(bytes: Buffer, from: number, to: number): void;
  /**
   * Offered bytes[from, to) where a chunk's size line begins: may take whole chunks off them by
   * itself, framing included. @returns where it stopped; `from` = none is taken
   */
  chunks(bytes: Buffer, from: number, to: number): number;
}

/** Incremental HTTP/1.1 response parser, one response after the other on one connection. */
export interface ResponseParser {
  /**
   * Takes bytes[from, to) up to the end of the response.
   * @returns where it stopped: `to`, or less when the response ended or is not HTTP.
   */
  push(bytes: Buffer, from: number, to: number): number;
  /** No more bytes come. @returns whether the response may be taken as ended. */
  eof(): boolean;
  /** Makes ready for the next response. */
  reset(): void;
  /** The response has ended as HTTP says. */
  readonly ended: boolean;
  /** The next byte is the first of a chunk's size line. */
  readonly isBetweenChunks: boolean;
  /** The connection may be used again. */
  readonly keepAlive: boolean;
  /** Why the bytes are not HTTP; null while they are. */
  readonly error: string | null;
}

const CR = 13;
const LF = 10;
const maxHeadBytes = 64 * 1024;
const maxLineBytes = 16 * 1024;

const State = {
  head: 0,
  /** content-length: so many bytes follow. */
  length: 1,
  untilClose: 2,
  chunkSize: 3,
  chunkExtension: 4,
  chunkData: 5,
  /** The line end behind a chunk's data. */
  chunkEnd: 6,
  trailers: 7,
  ended: 8,
  failed: 9,
} as const;
type State = (typeof State)[keyof typeof State];

export function createResponseParser(handlers: ResponseHandlers): ResponseParser {
  let state: State = State.head;
  let error: string | null = null;
  /** Pieces of a head that is not complete. */
  let held: Buffer[] = [];
  /** Bytes of the current line of the head or the trailers so far, and of all its lines. */
  let lineBytes = 0;
  let headBytes = 0;
  let remaining = 0;
  let digits = 0;
  let keepAlive = false;

  function fail(why: string): void {
    error = `Response does not match the HTTP/1.1 protocol (${why})`;
    state = State.failed;
  }

  /** Looks for the blank line; a line may end without its CR. */
  function readHead(bytes: Buffer, from: number, to: number): number {
    let at = from;
    // Line ends between two responses.
    while (headBytes === 0 && at < to && (bytes[at] === CR || bytes[at] === LF)) at++;
    const start = at;
    while (at < to) {
      const byte = bytes[at] as number;
      if (headBytes < 5 && byte !== 'HTTP/'.charCodeAt(headBytes)) {
        fail('Expected HTTP/');
        return at;
      }
      at++;
      headBytes++;
      if (byte === LF) {
        if (lineBytes === 0) {
          endHead(bytes.subarray(start, at));
          return at;
        }
        lineBytes = 0;
      } else if (byte !== CR) lineBytes++;
    }
    if (headBytes > maxHeadBytes) fail('Headers overflow');
    else if (at > start) held.push(Buffer.from(bytes.subarray(start, at)));
    return at;
  }

  function endHead(last: Buffer): void {
    const text = (held.length === 0 ? last : Buffer.concat([...held, last])).toString('latin1');
    held = [];
    lineBytes = 0;
    headBytes = 0;
    const head = parseResponseHead(text.trimEnd());
    if (typeof head === 'string') return fail(head);
    if (head.status === 101) return fail('Upgrade that nobody asked for');
    // A 1xx head is followed by another.
    if (head.status >= 200) {
      keepAlive = head.keepAlive;
      begin(head);
    }
    handlers.head(head);
  }

  function begin({ body }: ResponseHead): void {
    digits = 0;
    remaining = body.kind === 'length' ? body.bytes : 0;
    if (body.kind === 'chunked') state = State.chunkSize;
    else if (body.kind === 'until-close') state = State.untilClose;
    else state = remaining === 0 ? State.ended : State.length;
  }

  function readSize(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const byte = bytes[at++] as number;
      const lower = byte | 0x20;
      let digit = -1;
      if (byte >= 0x30 && byte <= 0x39) digit = byte - 0x30;
      else if (lower >= 0x61 && lower <= 0x66) digit = lower - 0x57;
      if (digit >= 0) {
        remaining = remaining * 16 + digit;
        if (++digits > 12) {
          fail('Chunk size overflow');
          return at;
        }
        continue;
      }
      if (digits === 0) fail('Invalid character in chunk size');
      else if (byte === LF) endSize();
      else if (byte === CR || byte === 0x3b || byte === 0x20 || byte === 0x09) {
        state = State.chunkExtension;
        lineBytes = 0;
      } else fail('Invalid character in chunk size');
      return at;
    }
    return at;
  }

  function endSize(): void {
    digits = 0;
    lineBytes = 0;
    state = remaining === 0 ? State.trailers : State.chunkData;
  }

  /** Past the rest of the size line, whatever it says. */
  function readExtension(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      if (bytes[at] === LF) {
        endSize();
        return at + 1;
      }
      if (++lineBytes > maxLineBytes) {
        fail('Chunk extension overflow');
        return at;
      }
    }
    return to;
  }

  function readBody(bytes: Buffer, from: number, to: number): number {
    const end = state === State.untilClose ? to : Math.min(to, from + remaining);
    if (state !== State.untilClose) remaining -= end - from;
    if (remaining === 0) {
      if (state === State.length) state = State.ended;
      else if (state === State.chunkData) state = State.chunkEnd;
    }
    handlers.body(bytes, from, end);
    return end;
  }

  function readChunkEnd(bytes: Buffer, from: number): number {
    if (bytes[from] === LF) state = State.chunkSize;
    else if (bytes[from] !== CR) fail('Expected LF after chunk data');
    return from + 1;
  }

  /** Past the trailers, to the blank line. */
  function readTrailers(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === LF) {
        if (lineBytes === 0) {
          state = State.ended;
          return at + 1;
        }
        lineBytes = 0;
      } else if (byte !== CR) {
        lineBytes++;
        if (++headBytes > maxHeadBytes) fail('Trailers overflow');
        if (state === State.failed) return at;
      }
    }
    return to;
  }

  function step(bytes: Buffer, at: number, to: number): number {
    switch (state) {
      case State.head:
        return readHead(bytes, at, to);
      case State.chunkSize:
        return readSize(bytes, at, to);
      case State.chunkExtension:
        return readExtension(bytes, at, to);
      case State.chunkEnd:
        return readChunkEnd(bytes, at);
      case State.trailers:
        return readTrailers(bytes, at, to);
      default:
        return readBody(bytes, at, to);
    }
  }

  return {
    push(bytes, from, to) {
      let at = from;
      while (at < to && state !== State.ended && state !== State.failed) {
        if (state === State.chunkSize && digits === 0) {
          const start = at;
          at = handlers.chunks(bytes, start, to);
          if (at > start) continue;
        }
        at = step(bytes, at, to);
      }
      return at;
    },
    eof() {
      if (state === State.untilClose) state = State.ended;
      return state === State.ended;
    },
    reset() {
      state = State.head;
      error = null;
      held = [];
      lineBytes = 0;
      headBytes = 0;
      keepAlive = false;
    },
    get ended() {
      return state === State.ended;
    },
    get isBetweenChunks() {
      return state === State.chunkSize && digits === 0;
    },
    get keepAlive() {
      return keepAlive;
    },
    get error() {
      return error;
    },
  };
}
