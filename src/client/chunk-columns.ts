import type { ChunkColumns } from '../model/index.ts';
import type { ChunkLog } from './chunk-log.ts';
import type { SettledChunks } from './settle-chunks.ts';

/** Makes the columns of a record out of the log, which is used again afterwards. */
export type ReadColumns = (log: ChunkLog, settled: SettledChunks) => ChunkColumns;

/** Plain arrays. */
export const readPlainColumns: ReadColumns = (log, { kept, counted }) => {
  const rows = kept === null ? Array.from({ length: log.rows }, (_, row) => row) : [...kept];
  return {
    atUs: rows.map((row) => log.atUs(row)),
    tokens: rows.map((row) => (counted ? log.counted(row) : 1)),
    read: rows.map((row) => log.read(row)),
    kind: rows.map((row) => log.kind(row)),
  };
};

/**
 * Typed arrays of exactly the needed size. Columns that are the same in most records (one token
 * each, all content, one chunk per read) are shared between records. Each array has a buffer of its
 * own length, so that posting a record to another thread copies no more than the record.
 */
export const readCompactColumns: ReadColumns = (log, { kept, counted }) => {
  const rows = kept?.length ?? log.rows;
  const isPrefix = kept === null || rows === 0 || kept[rows - 1] === rows - 1;
  const plain = isPrefix ? log.readPlain(rows, !counted) : null;
  if (plain !== null) {
    const everyRead = plain.firstRead === 0 ? shared.fromZero : shared.fromOne;
    const isShared = plain.isEveryRead && plain.firstRead <= 1;
    return {
      atUs: plain.atUs,
      tokens: shared.ones.of(rows),
      read: isShared ? everyRead.of(rows) : plain.read,
      kind: shared.zeros.of(rows),
    };
  }
  const column = (valueAt: (row: number) => number, likely: SharedColumn | null) => {
    let least = 0;
    let most = 0;
    let isLikely = likely !== null;
    for (let i = 0; i < rows; i++) {
      const value = valueAt(kept === null ? i : (kept[i] ?? 0));
      if (value < least) least = value;
      if (value > most) most = value;
      if (isLikely && value !== likely?.valueAt(i)) isLikely = false;
    }
    if (likely !== null && isLikely) return likely.of(rows);
    const copy = createColumn(rows, least < 0 ? Number.POSITIVE_INFINITY : most);
    for (let i = 0; i < rows; i++) copy[i] = valueAt(kept === null ? i : (kept[i] ?? 0));
    return copy;
  };
  const firstRead = rows === 0 ? 0 : log.read(kept?.[0] ?? 0);
  return {
    atUs: column((row) => log.atUs(row), null),
    tokens: counted ? column((row) => log.counted(row), shared.ones) : shared.ones.of(rows),
    read: column((row) => log.read(row), firstRead === 0 ? shared.fromZero : shared.fromOne),
    kind: column((row) => log.kind(row), shared.zeros),
  };
};

function createColumn(rows: number, most: number) {
  if (most <= 0xff) return new Uint8Array(rows);
  if (most <= 0xffff) return new Uint16Array(rows);
  if (most <= 0xffffffff) return new Uint32Array(rows);
  return new Float64Array(rows);
}

interface SharedColumn {
  valueAt(row: number): number;
  of(rows: number): ReturnType<typeof createColumn>;
}

/** One array per length, made when first asked for; long ones are not worth sharing. */
function createSharedColumn(valueAt: (row: number) => number): SharedColumn {
  const made = new Map<number, ReturnType<typeof createColumn>>();
  const make = (rows: number) => {
    const column = createColumn(rows, valueAt(rows));
    for (let row = 0; row < rows; row++) column[row] = valueAt(row);
    return column;
  };
  return {
    valueAt,
    of(rows) {
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
