import type { ChunkKind } from '../model/index.ts';
import type { ChunkLog } from './chunk-log.ts';

/**
 * The generated text, kept apart by choice and kind ("lanes"), because a tokenizer only makes
 * sense of text that the model wrote in one go. Segments say which chunk added what.
 */
export interface OutputText {
  lanes: { choice: number; kind: ChunkKind; text: string }[];
  /** In order of arrival. `row` indexes `chunks`; `end` is the lane's length after the chunk. */
  segments: { row: number; lane: number; end: number }[];
}

/** A piece of text that has been read, of the row with this number. */
export interface TextPiece {
  row: number;
  choice: number;
  kind: ChunkKind;
  text: string;
}

/** The text of a stream as it arrived: data that may go to another thread. */
export interface PackedText {
  /** Raw JSON text of rows of one choice and kind, and for each row where its own ends; -1 = none. */
  bytes: Uint8Array<ArrayBuffer>;
  ends: Int32Array<ArrayBuffer>;
  rawChoice: number;
  rawKind: ChunkKind;
  /** What has been read already, in order of arrival. */
  pieces: readonly TextPiece[];
  /** Rows that are left, in their new order; null = all. Segments of the others fall away. */
  kept: Int32Array | null;
}

/** Takes the text of a stream out of its log, which may be used again afterwards. */
export function takeText(
  log: ChunkLog,
  pieces: readonly TextPiece[],
  kept: Int32Array | null,
): PackedText {
  const { rawChoice, rawKind } = log;
  return { ...log.copyRaw(), rawChoice, rawKind, pieces, kept };
}

/** Puts a text together; some microseconds a token: not where stamps are taken. */
export function readText({
  bytes,
  ends,
  rawChoice,
  rawKind,
  pieces,
  kept,
}: PackedText): OutputText {
  const rawPieces = decodeRaw(bytes, ends).map((piece) => ({
    ...piece,
    choice: rawChoice,
    kind: rawKind,
  }));
  const all = [...pieces, ...rawPieces].sort((a, b) => a.row - b.row);
  return joinPieces(all, kept);
}

function joinPieces(pieces: readonly TextPiece[], kept: Int32Array | null): OutputText {
  const lanes: OutputText['lanes'] = [];
  const segments: OutputText['segments'] = [];
  const renumber = kept === null ? null : new Map(Array.from(kept, (row, i) => [row, i]));
  for (const { row: oldRow, choice, kind, text } of pieces) {
    let lane = lanes.findIndex((one) => one.choice === choice && one.kind === kind);
    if (lane === -1) lane = lanes.push({ choice, kind, text: '' }) - 1;
    const entry = lanes[lane];
    if (entry === undefined) continue;
    entry.text += text;
    const row = renumber === null ? oldRow : (renumber.get(oldRow) ?? -1);
    if (row >= 0) segments.push({ row, lane, end: entry.text.length });
  }
  return { lanes, segments };
}

/** Each row's text apart: bytes that are broken at the end of one are not mended by the next. */
function decodeRaw(raw: Uint8Array, ends: Int32Array): { row: number; text: string }[] {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const pieces: { row: number; text: string }[] = [];
  let start = 0;
  for (let row = 0; row < ends.length; row++) {
    const end = ends[row] ?? -1;
    if (end === -1) continue;
    pieces.push({ row, text: textOfJson(bytes.toString('utf8', start, end)) });
    start = end;
  }
  return pieces;
}

/** @param raw what stands between the quotes of a JSON string */
export function textOfJson(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}
