import type { TextChunk } from '../stream-interpreter.ts';

/** What may differ between two events of the same shape. */
export const Hole = {
  /** A string that means nothing. */
  string: 0,
  /** A whole number that means nothing. */
  number: 1,
  /** The generated text. */
  text: 2,
  /** `usage.prompt_tokens`. */
  input: 3,
  /** `usage.completion_tokens`. */
  output: 4,
} as const;
export type Hole = (typeof Hole)[keyof typeof Hole];

/** The shape of a token chunk: one whole SSE event, byte for byte, but for its holes. */
export interface EventTemplate {
  /**
   * Compares the bytes from `at` on.
   * @returns where the event ends, or -1: not this shape, or not the whole event before `to`.
   * After a match `chunk`, `textFrom` and `textTo` describe this event.
   */
  match(bytes: Uint8Array, at: number, to: number): number;
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
  /** The fixed bytes before each hole, and those after the last one. */
  const fixed = [...holes, { from: event.length }].map(({ from }, i) =>
    Uint8Array.from(event.subarray(holes[i - 1]?.to ?? 0, from)),
  );
  const usage = chunk.usage === null ? null : { ...chunk.usage };
  const known: TextChunk = { ...chunk, usage };
  const template = { match, chunk: known, textFrom: 0, textTo: 0 };

  function match(bytes: Uint8Array, start: number, to: number): number {
    let at = start;
    for (let i = 0; i < kinds.length; i++) {
      at = matchFixed(fixed[i] as Uint8Array, bytes, at, to);
      if (at === -1) return -1;
      const from = at;
      const hole = kinds[i];
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
      at = numberEnd(bytes, at, to);
      if (at === -1) return -1;
      if (usage === null || hole === Hole.number) continue;
      if (hole === Hole.input) usage.input = numberAt(bytes, from, at);
      else usage.output = numberAt(bytes, from, at);
    }
    return matchFixed(fixed[kinds.length] as Uint8Array, bytes, at, to);
  }

  return template;
}

/** @returns where the fixed bytes end, or -1. */
function matchFixed(fixed: Uint8Array, bytes: Uint8Array, at: number, to: number): number {
  const length = fixed.length;
  if (at + length > to) return -1;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== fixed[i]) return -1;
  return at + length;
}

const quote = 0x22;
const backslash = 0x5c;

/** Position of the closing quote; -1 where the string is cut or JSON would not accept it. */
function stringEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte === quote) return at;
    if (byte < 0x20) return -1;
    at = byte === backslash ? escapeEnd(bytes, at + 1, to) : at + 1;
    if (at === -1) return -1;
  }
  return -1;
}

const shortEscapes = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** `at` is behind the backslash. */
function escapeEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at < to && shortEscapes.has(bytes[at] as number)) return at + 1;
  if (at + 5 > to || bytes[at] !== 0x75) return -1;
  for (let i = 1; i <= 4; i++) if (!isHexDigit(bytes[at + i] as number)) return -1;
  return at + 5;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

/** End of a whole number without sign and leading zero that a double holds exactly; else -1. */
function numberEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes[at] as number)) at++;
  const length = at - from;
  if (length === 0 || length > 15 || (length > 1 && bytes[from] === 0x30)) return -1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + (bytes[at] as number) - 0x30;
  return value;
}
