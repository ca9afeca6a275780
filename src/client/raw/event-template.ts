import type { TextChunk } from '../stream-interpreter.ts';
import type { TimingCounts, UsageCounts } from '../usage-reader.ts';

/** What may differ between two events of the same shape. */
export const Hole = {
  /** A string that means nothing. */
  string: 0,
  /** A number that means nothing. */
  number: 1,
  /** The generated text. */
  text: 2,
  /** `usage.prompt_tokens`. */
  input: 3,
  /** `usage.completion_tokens`. */
  output: 4,
  /** Prompt tokens from the cache, wherever in `usage` they stand. */
  cached: 5,
  /** `timings.predicted_n`, `prompt_n` and `cache_n` of llama.cpp. */
  predicted: 6,
  fresh: 7,
  reused: 8,
} as const;
export type Hole = (typeof Hole)[keyof typeof Hole];

/**
 * What stood before the text in a stream's last event: most often its next one begins alike, id and
 * time included. One a stream: events of hundreds of streams come in turns.
 */
export interface StreamLead {
  /** Of whose event it is. */
  template: EventTemplate | null;
  length: number;
  readonly view: DataView;
}

/** The shape of a token chunk: one whole SSE event, byte for byte, but for its holes. */
export interface EventTemplate {
  /**
   * Compares the bytes from `at` on.
   * @param lead the stream's own; kept up to date
   * @returns where the event ends, or -1: not this shape, or not the whole event before `to`.
   * After a match `chunk`, `textFrom` and `textTo` describe this event.
   */
  match(bytes: DataView, at: number, to: number, lead: StreamLead): number;
  readonly chunk: TextChunk;
  readonly textFrom: number;
  readonly textTo: number;
}

/** @param holes in the order of the bytes; strings without their quotes. */
export function createEventTemplate(
  event: Uint8Array,
  holes: readonly { hole: Hole; from: number; to: number }[],
  chunk: TextChunk,
): EventTemplate {
  const kinds = holes.map(({ hole }) => hole);
  const textHole = kinds.indexOf(Hole.text);
  /** The fixed bytes before each hole, and those after the last one. */
  const fixed = [...holes, { from: event.length }].map(({ from }, i) =>
    viewOf(Uint8Array.from(event.subarray(holes[i - 1]?.to ?? 0, from))),
  );
  const usage = chunk.usage === null ? null : { ...chunk.usage };
  const timings = chunk.timings === null ? null : { ...chunk.timings };
  const known: TextChunk = { ...chunk, usage, timings };
  const template = { match, chunk: known, textFrom: 0, textTo: 0 };
  /** Counts that stand before the text have to be read each time. */
  const mayRepeat = !kinds.slice(0, textHole).some((kind) => kind >= Hole.input);

  function match(bytes: DataView, start: number, to: number, lead: StreamLead): number {
    const isRepeated =
      lead.template === template && matchFixed(lead.view, lead.length, bytes, start, to) !== -1;
    let at = isRepeated ? start + lead.length : start;
    for (let i = isRepeated ? textHole : 0; i < kinds.length; i++) {
      const before = fixed[i] as DataView;
      if (i !== textHole || !isRepeated) at = matchFixed(before, before.byteLength, bytes, at, to);
      if (at === -1) return -1;
      const from = at;
      const hole = kinds[i] as Hole;
      if (hole === Hole.text || hole === Hole.string) {
        at = stringEnd(bytes, at, to);
        // An empty text is no token, or one that only the usage tells of.
        if (at === -1 || (hole === Hole.text && at === from)) return -1;
        if (hole === Hole.text) {
          template.textFrom = from;
          template.textTo = at;
        }
        continue;
      }
      at = hole === Hole.number ? numberEnd(bytes, at, to) : countEnd(bytes, at, to);
      if (at === -1) return -1;
      if (hole >= Hole.predicted) {
        if (timings !== null) fillTimings(timings, hole, numberAt(bytes, from, at));
      } else if (hole >= Hole.input && usage !== null) {
        fillUsage(usage, hole, numberAt(bytes, from, at));
      }
    }
    const rest = fixed[kinds.length] as DataView;
    const end = matchFixed(rest, rest.byteLength, bytes, at, to);
    if (end !== -1 && !isRepeated && mayRepeat) {
      lead.template = remember(lead, bytes, start, template.textFrom) ? template : null;
    }
    return end;
  }

  return template;
}

const maxLeadBytes = 512;

export function createStreamLead(): StreamLead {
  return { template: null, length: 0, view: viewOf(new Uint8Array(maxLeadBytes)) };
}

/** Bytes [from, to) stood before a text. @returns whether there is room for them */
function remember(lead: StreamLead, bytes: DataView, from: number, to: number): boolean {
  const length = to - from;
  if (length > maxLeadBytes) return false;
  for (let i = 0; i < length; i++) lead.view.setUint8(i, bytes.getUint8(from + i));
  lead.length = length;
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Eight bytes at a time, as doubles: this is where the time of a token goes. Doubles that are equal
 * have equal bytes but for the two zeros, and no JSON line holds eight bytes of zeros; one that is
 * not equal to itself is a mismatch, and parsed.
 * @returns where the fixed bytes end, or -1
 */
function matchFixed(
  fixed: DataView,
  length: number,
  bytes: DataView,
  at: number,
  to: number,
): number {
  if (at + length > to) return -1;
  const whole = length - 7;
  let i = 0;
  for (; i < whole; i += 8) {
    if (bytes.getFloat64(at + i, true) !== fixed.getFloat64(i, true)) return -1;
  }
  for (; i < length; i++) if (bytes.getUint8(at + i) !== fixed.getUint8(i)) return -1;
  return at + length;
}

const quote = 0x22;
const backslash = 0x5c;

/** Position of the closing quote; -1 where the string is cut or JSON would not accept it. */
function stringEnd(bytes: DataView, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes.getUint8(at);
    if (byte === quote) return at;
    if (byte < 0x20) return -1;
    at = byte === backslash ? escapeEnd(bytes, at + 1, to) : at + 1;
    if (at === -1) return -1;
  }
  return -1;
}

const shortEscapes = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** `at` is behind the backslash. */
function escapeEnd(bytes: DataView, at: number, to: number): number {
  if (at < to && shortEscapes.has(bytes.getUint8(at))) return at + 1;
  if (at + 5 > to || bytes.getUint8(at) !== 0x75) return -1;
  for (let i = 1; i <= 4; i++) if (!isHexDigit(bytes.getUint8(at + i))) return -1;
  return at + 5;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

function fillUsage(usage: UsageCounts, hole: Hole, value: number): void {
  if (hole === Hole.output) usage.output = value;
  else if (hole === Hole.input) usage.input = value;
  else usage.cached = value;
}

function fillTimings(timings: TimingCounts, hole: Hole, value: number): void {
  if (hole === Hole.predicted) timings.output = value;
  else if (hole === Hole.fresh) timings.fresh = value;
  else timings.reused = value;
}

/** End of any JSON number; -1 where it is cut or JSON would not accept it. */
function numberEnd(bytes: DataView, from: number, to: number): number {
  const start = from < to && bytes.getUint8(from) === minus ? from + 1 : from;
  let at = digitsEnd(bytes, start, to);
  if (at === start || (at - start > 1 && bytes.getUint8(start) === zero)) return -1;
  if (at < to && bytes.getUint8(at) === point) {
    const fraction = at + 1;
    at = digitsEnd(bytes, fraction, to);
    if (at === fraction) return -1;
  }
  if (at < to && (bytes.getUint8(at) | 0x20) === exponent) {
    at++;
    const sign = at < to ? bytes.getUint8(at) : 0;
    if (sign === plus || sign === minus) at++;
    const power = at;
    at = digitsEnd(bytes, power, to);
    if (at === power) return -1;
  }
  return at;
}

const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const exponent = 0x65;

function digitsEnd(bytes: DataView, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes.getUint8(at))) at++;
  return at;
}

/** End of a whole number without sign and leading zero that a double holds exactly; else -1. */
function countEnd(bytes: DataView, from: number, to: number): number {
  const at = digitsEnd(bytes, from, to);
  const length = at - from;
  if (length === 0 || length > 15 || (length > 1 && bytes.getUint8(from) === zero)) return -1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function numberAt(bytes: DataView, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + bytes.getUint8(at) - 0x30;
  return value;
}
