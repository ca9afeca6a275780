import type { ChunkKind } from '../model/index.ts';

/**
 * The generated text, kept apart by choice and kind ("lanes"), because a tokenizer only makes
 * sense of text that the model wrote in one go. Segments say which chunk added what.
 */
export interface OutputText {
  lanes: { choice: number; kind: ChunkKind; text: string }[];
  /** In order of arrival. `row` indexes `chunks`; `end` is the lane's length after the chunk. */
  segments: { row: number; lane: number; end: number }[];
}

export interface OutputTextBuilder {
  add(row: number, choice: number, kind: ChunkKind, text: string): void;
  /**
   * The same with text that nobody has read yet: the bytes between the quotes of a JSON string,
   * which is known to be valid. They are copied, and decoded only when someone asks.
   */
  addBytes(
    row: number,
    choice: number,
    kind: ChunkKind,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void;
  /**
   * Takes the text so far out of the builder.
   * @param kept the old rows that are left, in their new order; null = all. Segments of the others
   * fall away.
   */
  output(kept: Int32Array | null): () => OutputText;
}

/** What a text is collected in; grows, and is used again by the next stream. */
export interface TextScratch {
  /** The pieces that nobody has read, one after the other. */
  bytes: Buffer;
  /** Three numbers a piece: row, lane, and where it ends in `bytes`. */
  pieces: Int32Array;
}

export function createTextScratch(): TextScratch {
  return { bytes: Buffer.allocUnsafeSlow(1024), pieces: new Int32Array(192) };
}

export function createOutputText(scratch: TextScratch = createTextScratch()): OutputTextBuilder {
  const lanes: { choice: number; kind: ChunkKind }[] = [];
  let lastLane = -1;
  let filled = 0;
  /** Text of the pieces that were read, by their number. */
  const strings = new Map<number, string>();
  let used = 0;

  function laneOf(choice: number, kind: ChunkKind): number {
    const last = lanes[lastLane];
    if (last !== undefined && last.choice === choice && last.kind === kind) return lastLane;
    lastLane = lanes.findIndex((lane) => lane.choice === choice && lane.kind === kind);
    if (lastLane === -1) lastLane = lanes.push({ choice, kind }) - 1;
    return lastLane;
  }

  function addPiece(row: number, lane: number): void {
    if (filled === scratch.pieces.length) {
      const larger = new Int32Array(filled * 2);
      larger.set(scratch.pieces);
      scratch.pieces = larger;
    }
    const { pieces } = scratch;
    pieces[filled] = row;
    pieces[filled + 1] = lane;
    pieces[filled + 2] = used;
    filled += 3;
  }

  function makeRoom(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(used + length, scratch.bytes.length * 2));
    scratch.bytes.copy(larger, 0, 0, used);
    scratch.bytes = larger;
  }

  return {
    add(row, choice, kind, text) {
      strings.set(filled / 3, text);
      addPiece(row, laneOf(choice, kind));
    },
    addBytes(row, choice, kind, bytes, from, to) {
      const length = to - from;
      if (used + length > scratch.bytes.length) makeRoom(length);
      const { bytes: target } = scratch;
      // Shorter than a call of the copying function is worth.
      if (length < 32) for (let i = 0; i < length; i++) target[used + i] = bytes[from + i] ?? 0;
      else target.set(bytes.subarray(from, to), used);
      used += length;
      addPiece(row, laneOf(choice, kind));
    },
    output(kept) {
      const bytes = Buffer.from(scratch.bytes.subarray(0, used));
      const packed = scratch.pieces.slice(0, filled);
      return () => readText(lanes, packed, strings, bytes, kept);
    },
  };
}

function readText(
  laneKeys: readonly { choice: number; kind: ChunkKind }[],
  pieces: Int32Array,
  strings: ReadonlyMap<number, string>,
  bytes: Buffer,
  kept: Int32Array | null,
): OutputText {
  const lanes: OutputText['lanes'] = laneKeys.map((lane) => ({ ...lane, text: '' }));
  const segments: OutputText['segments'] = [];
  const renumber = kept === null ? null : new Map(Array.from(kept, (row, i) => [row, i]));
  let start = 0;
  for (let at = 0; at < pieces.length; at += 3) {
    const oldRow = pieces[at] ?? 0;
    const lane = pieces[at + 1] ?? 0;
    const end = pieces[at + 2] ?? 0;
    const entry = lanes[lane];
    if (entry === undefined) continue;
    entry.text += strings.get(at / 3) ?? textOfJson(bytes.toString('utf8', start, end));
    start = end;
    const row = renumber === null ? oldRow : (renumber.get(oldRow) ?? -1);
    if (row >= 0) segments.push({ row, lane, end: entry.text.length });
  }
  return { lanes, segments };
}

function textOfJson(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}
