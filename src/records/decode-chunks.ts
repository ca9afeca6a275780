import type { ChunkColumns } from '../model/index.ts';
import { flag } from './encode-chunks.ts';
import { readRunLengths, VarintReader } from './varint.ts';

/** Rows of the chunks that are encoded in bytes[from, to). */
export function countChunkRows(bytes: Uint8Array, from: number, to: number): number {
  return from === to ? 0 : new VarintReader(bytes, from, to).unsigned();
}

/** Tokens of the first chunk where that can be told without decoding: undefined where not. */
export function peekFirstTokens(
  bytes: Uint8Array,
  from: number,
  to: number,
): number | null | undefined {
  if (from === to) return null;
  const reader = new VarintReader(bytes, from, to);
  reader.unsigned();
  return ((bytes[reader.at] ?? 0) & flag.ones) !== 0 ? 1 : undefined;
}

/**
 * The columns again, as typed arrays that are the caller's to read only: constant ones are shared.
 * @throws RangeError where the bytes are not what `ChunkEncoder` wrote.
 */
export function decodeChunks(bytes: Uint8Array, from: number, to: number): ChunkColumns {
  if (from === to) return noChunks;
  const reader = new VarintReader(bytes, from, to);
  const rows = reader.unsigned();
  const how = bytes[reader.at++] ?? 0;
  const firstUs = reader.signed();
  const firstRead = reader.unsigned();
  const stride = reader.unsigned();
  const atUs = stamps.take(rows);
  const read = counts.take(rows);
  atUs[0] = firstUs;
  read[0] = firstRead;
  readRows(bytes, reader, stride, atUs, read);
  let tokens: Uint8Array | Uint32Array = ones.of(rows);
  if ((how & flag.tokensApart) !== 0) {
    tokens = counts.take(rows);
    for (let i = 0; i < rows; i++) tokens[i] = reader.unsigned();
  } else if ((how & flag.ones) === 0) {
    tokens = counts.take(rows);
    readRunLengths(reader, tokens, () => reader.unsigned());
  }
  let kind = zeros.of(rows);
  if ((how & flag.content) === 0) {
    kind = new Uint8Array(rows);
    readRunLengths(reader, kind, () => reader.unsigned());
  }
  if (reader.at !== to) throw new RangeError('chunks do not end where they should');
  return { atUs, tokens, read, kind };
}

const noChunks: ChunkColumns = {
  atUs: new Float64Array(0),
  tokens: new Uint8Array(0),
  read: new Uint32Array(0),
  kind: new Uint8Array(0),
};

function readRows(
  bytes: Uint8Array,
  reader: VarintReader,
  stride: number,
  atUs: Float64Array,
  read: Uint32Array,
): void {
  const rows = atUs.length;
  let stampUs = atUs[0] as number;
  let number = read[0] as number;
  let at = reader.at;
  for (let i = 1; i < rows; ) {
    // Bytes past the end are undefined and count as 0, which ends the number.
    let byte = bytes[at++] as number;
    let gap = byte & 127;
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = bytes[at++] as number;
      gap |= (byte & 127) << shift;
    }
    if (gap !== 0) {
      stampUs += gap;
      number += stride;
      atUs[i] = stampUs;
      read[i] = number;
      i++;
      continue;
    }
    reader.at = at;
    const more = reader.unsigned();
    if (more === 0) {
      stampUs += reader.signed();
      number += reader.signed();
    }
    const end = i + Math.max(1, more);
    if (end > rows) throw new RangeError('more rows than the request has');
    for (; i < end; i++) {
      atUs[i] = stampUs;
      read[i] = number;
    }
    at = reader.at;
  }
  reader.at = at;
}

const slabValues = 16 * 1024;

/**
 * Arrays cut from larger ones: memory for a typed array of its own costs more than filling it. A
 * piece is as the last user of the place left it, and is never used twice.
 */
function createSlabs<T extends { length: number; subarray(from: number, to: number): T }>(
  make: (length: number) => T,
): { take(length: number): T } {
  let slab = make(0);
  let used = 0;
  return {
    take(length) {
      if (length > slabValues / 4) return make(length);
      if (used + length > slab.length) {
        slab = make(slabValues);
        used = 0;
      }
      used += length;
      return slab.subarray(used - length, used);
    },
  };
}

const stamps = createSlabs((length) => new Float64Array(length));
const counts = createSlabs((length) => new Uint32Array(length));

/** Columns of one value, cut from one array; the last one again where the length is the same. */
function createConstant(value: number): { of(rows: number): Uint8Array } {
  let values = new Uint8Array(1024).fill(value);
  let last = values.subarray(0, 0);
  return {
    of(rows) {
      if (last.length === rows) return last;
      if (rows > values.length) values = new Uint8Array(rows * 2).fill(value);
      last = values.subarray(0, rows);
      return last;
    },
  };
}

const ones = createConstant(1);
const zeros = createConstant(0);
