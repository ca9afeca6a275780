import type { ChunkKind } from '../model/index.ts';

/**
 * The chunks of one stream that bear a token or may turn out to, one row each, in columns that
 * grow. Reused from stream to stream by whoever handles many.
 */
export interface ChunkTable {
  rows: number;
  /** Rows whose `candidate` is not `no`. */
  candidates: number;
  atUs: Float64Array;
  read: Int32Array;
  kind: Uint8Array;
  /** Tokens by the server's own count on the chunk; `notCounted` when it gave none. */
  counted: Float64Array;
  /** A Candidate each. */
  candidate: Uint8Array;
}

export const notCounted = -1;

/** Other than `no`: the chunk counts as a token only if that makes chunks equal the usage. */
export const Candidate = { no: 0, empty: 1, emptyFinish: 2 } as const;
export type Candidate = (typeof Candidate)[keyof typeof Candidate];

export function createChunkTable(capacity = 32): ChunkTable {
  return {
    rows: 0,
    candidates: 0,
    atUs: new Float64Array(capacity),
    read: new Int32Array(capacity),
    kind: new Uint8Array(capacity),
    counted: new Float64Array(capacity),
    candidate: new Uint8Array(capacity),
  };
}

export function clearTable(table: ChunkTable): void {
  table.rows = 0;
  table.candidates = 0;
}

export function addRow(
  table: ChunkTable,
  atUs: number,
  read: number,
  kind: ChunkKind,
  counted: number,
  candidate: Candidate,
): void {
  const row = table.rows;
  if (row === table.atUs.length) grow(table);
  table.atUs[row] = atUs;
  table.read[row] = read;
  table.kind[row] = kind;
  table.counted[row] = counted;
  table.candidate[row] = candidate;
  if (candidate !== Candidate.no) table.candidates++;
  table.rows = row + 1;
}

function grow(table: ChunkTable): void {
  const capacity = table.atUs.length * 2;
  table.atUs = copied(new Float64Array(capacity), table.atUs);
  table.read = copied(new Int32Array(capacity), table.read);
  table.kind = copied(new Uint8Array(capacity), table.kind);
  table.counted = copied(new Float64Array(capacity), table.counted);
  table.candidate = copied(new Uint8Array(capacity), table.candidate);
}

function copied<T extends { set(from: ArrayLike<number>): void }>(
  target: T,
  from: ArrayLike<number>,
): T {
  target.set(from);
  return target;
}
