import type { ChunkColumns } from '../model/index.ts';

/** Room for what the chunks of one request give, used again for the next request. */
export interface GroupValues {
  values: Float64Array;
  /** How often each value counts. */
  weights: Float64Array;
  rows: number;
  /** Every weight is 1. */
  single: boolean;
}

/** Fills the room with the values of one request. */
export type FillValues = (chunks: ChunkColumns, room: GroupValues) => void;

export function createGroupValues(): GroupValues {
  return { values: new Float64Array(256), weights: new Float64Array(256), rows: 0, single: true };
}

/** Empties the room and makes it large enough. */
function clear(room: GroupValues, rows: number): void {
  room.rows = 0;
  room.single = true;
  if (rows <= room.values.length) return;
  room.values = new Float64Array(2 * rows);
  room.weights = new Float64Array(2 * rows);
}

/**
 * Time between tokens of one request, milliseconds: a chunk of k tokens that closes a gap g gives
 * k values g / k. Tokens of the first chunk close no gap. A chunk that completed no token leaves
 * its gap to the next one.
 */
export function fillTokenGaps({ atUs, tokens }: ChunkColumns, room: GroupValues): void {
  clear(room, atUs.length);
  const { values, weights } = room;
  let previousUs = atUs[0] ?? 0;
  let rows = 0;
  for (let i = 1; i < atUs.length; i++) {
    const k = tokens[i] as number;
    if (k <= 0) continue;
    const nowUs = atUs[i] as number;
    values[rows] = (nowUs - previousUs) / 1000 / k;
    weights[rows] = k;
    if (k !== 1) room.single = false;
    rows++;
    previousUs = nowUs;
  }
  room.rows = rows;
}

/** Gaps between token-bearing chunks of one request as they are, milliseconds. */
export function fillChunkGaps({ atUs }: ChunkColumns, room: GroupValues): void {
  clear(room, atUs.length);
  const { values } = room;
  for (let i = 1; i < atUs.length; i++) {
    values[i - 1] = ((atUs[i] as number) - (atUs[i - 1] as number)) / 1000;
  }
  room.rows = Math.max(0, atUs.length - 1);
}
