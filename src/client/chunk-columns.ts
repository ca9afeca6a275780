import type { ChunkColumns } from '../model/index.ts';
import type { ChunkTable } from './chunk-table.ts';
import type { SettledChunks } from './settle-chunks.ts';

/** Makes the columns of a record out of the scratch table, which is used again afterwards. */
export type ReadColumns = (table: ChunkTable, settled: SettledChunks) => ChunkColumns;

/** Plain arrays. */
export const readPlainColumns: ReadColumns = (table, { kept, counted }) => {
  const rows = kept === null ? Array.from({ length: table.rows }, (_, row) => row) : [...kept];
  const pick = (column: ArrayLike<number>) => rows.map((row) => column[row] ?? 0);
  return {
    atUs: pick(table.atUs),
    tokens: counted ? pick(table.counted) : rows.map(() => 1),
    read: pick(table.read),
    kind: pick(table.kind),
  };
};

/**
 * Typed arrays of exactly the needed size and the narrowest type that holds the values. Columns
 * that are the same in most records (one token each, all content, one chunk per read) are shared
 * between records: about 4 bytes per token are a record's own. Each array has a buffer of its
 * own length, so that posting a record to another thread copies no more than the record.
 */
export const readCompactColumns: ReadColumns = (table, { kept, counted }) => {
  const rows = kept?.length ?? table.rows;
  return {
    atUs: fitted(table.atUs, rows, kept),
    tokens: counted ? countedTokens(table, rows, kept) : shared.ones.of(rows),
    read: readNumbers(table, rows, kept),
    kind: kindsOf(table, rows, kept),
  };
};

function countedTokens(table: ChunkTable, rows: number, kept: Int32Array | null) {
  return isAll(table.counted, rows, kept, 1)
    ? shared.ones.of(rows)
    : fitted(table.counted, rows, kept);
}

function kindsOf(table: ChunkTable, rows: number, kept: Int32Array | null) {
  return isAll(table.kind, rows, kept, 0) ? shared.zeros.of(rows) : fitted(table.kind, rows, kept);
}

/** Shared where every chunk came in a read of its own, from the first or second read on. */
function readNumbers(table: ChunkTable, rows: number, kept: Int32Array | null) {
  const { read } = table;
  const first = (kept === null ? read[0] : read[kept[0] ?? 0]) ?? 0;
  const counter = first === 0 ? shared.fromZero : first === 1 ? shared.fromOne : null;
  if (counter === null) return fitted(read, rows, kept);
  for (let i = 0; i < rows; i++) {
    if (read[kept === null ? i : (kept[i] ?? 0)] !== first + i) return fitted(read, rows, kept);
  }
  return counter.of(rows);
}

function isAll(
  column: ArrayLike<number>,
  rows: number,
  kept: Int32Array | null,
  value: number,
): boolean {
  for (let i = 0; i < rows; i++) {
    if (column[kept === null ? i : (kept[i] ?? 0)] !== value) return false;
  }
  return true;
}

/** A copy of the kept rows in the narrowest type. */
function fitted(column: ArrayLike<number>, rows: number, kept: Int32Array | null) {
  let least = 0;
  let most = 0;
  for (let i = 0; i < rows; i++) {
    const value = column[kept === null ? i : (kept[i] ?? 0)] ?? 0;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const copy = createColumn(rows, least < 0 ? Number.POSITIVE_INFINITY : most);
  for (let i = 0; i < rows; i++) copy[i] = column[kept === null ? i : (kept[i] ?? 0)] ?? 0;
  return copy;
}

function createColumn(rows: number, most: number) {
  if (most <= 0xff) return new Uint8Array(rows);
  if (most <= 0xffff) return new Uint16Array(rows);
  if (most <= 0xffffffff) return new Uint32Array(rows);
  return new Float64Array(rows);
}

/** One array per length, made when first asked for; long ones are not worth sharing. */
function createSharedColumn(valueAt: (row: number) => number) {
  const made = new Map<number, ReturnType<typeof createColumn>>();
  const make = (rows: number) => {
    const column = createColumn(rows, valueAt(rows));
    for (let row = 0; row < rows; row++) column[row] = valueAt(row);
    return column;
  };
  return {
    of(rows: number) {
      const known = made.get(rows);
      if (known) return known;
      const column = make(rows);
      if (rows <= 4096 && made.size < 4096) made.set(rows, column);
      return column;
    },
  };
}

const shared = {
  ones: createSharedColumn(() => 1),
  zeros: createSharedColumn(() => 0),
  fromZero: createSharedColumn((i) => i),
  fromOne: createSharedColumn((i) => i + 1),
};
