import { crc32 } from 'node:zlib';
import type { ChunkColumns, RequestRecord } from '../model/index.ts';
import { createVarintReader, createVarintWriter, type VarintReader } from './varint.ts';

/*
 * One page of chunks.bin, all numbers little endian (docs/reference/result-format.md):
 *   0  magic "IBCP"        4  version u16 = 1     6  header length u16 = 24
 *   8  payload length u32  12 requests u32        16 rows u32
 *   20 CRC-32 (zlib) over bytes 0 to 19, then the payload
 * Payload, varints: directory (level signed, index, rows of each request); first stamp of each request
 * absolute and then differences (signed), request after request; then three run-length columns
 * (value signed, repeat): tokens, step of the read number, kind. Steps start anew at each request.
 */
export const pageHeaderBytes = 24;
const magic = 0x50434249; // "IBCP"
const pageVersion = 1;

/** The chunks of some requests, in the order in which they were added. */
export interface ChunkPageBuilder {
  readonly requests: number;
  readonly rows: number;
  /** Bytes of the page so far, near enough to decide when to write it. */
  readonly size: number;
  /** @throws RangeError for stamps or counts that are not whole numbers: nothing is added then. */
  add(record: Pick<RequestRecord, 'level' | 'index' | 'chunks'>): void;
  finish(): Uint8Array;
}

export function createChunkPageBuilder(): ChunkPageBuilder {
  const directory = createVarintWriter();
  const stamps = createVarintWriter();
  const tokens = createRunLengthColumn();
  const reads = createRunLengthColumn();
  const kinds = createRunLengthColumn();
  let requests = 0;
  let rows = 0;
  return {
    get requests() {
      return requests;
    },
    get rows() {
      return rows;
    },
    get size() {
      return directory.length + stamps.length + tokens.length + reads.length + kinds.length;
    },
    add({ level, index, chunks }) {
      requireWhole('level', level, 2 ** 31, -(2 ** 31));
      requireWhole('index', index, 2 ** 50, 0);
      const count = requireColumns(chunks);
      directory.signed(level);
      directory.unsigned(index);
      directory.unsigned(count);
      let lastUs = 0;
      let lastRead = 0;
      for (let i = 0; i < count; i++) {
        const atUs = chunks.atUs[i] ?? 0;
        const read = chunks.read[i] ?? 0;
        stamps.signed(atUs - lastUs);
        tokens.add(chunks.tokens[i] ?? 0);
        reads.add(read - lastRead);
        kinds.add(chunks.kind[i] ?? 0);
        lastUs = atUs;
        lastRead = read;
      }
      requests++;
      rows += count;
    },
    finish() {
      const payload = Buffer.concat([
        directory.bytes(),
        stamps.bytes(),
        tokens.bytes(),
        reads.bytes(),
        kinds.bytes(),
      ]);
      const header = Buffer.alloc(pageHeaderBytes);
      header.writeUInt32LE(magic, 0);
      header.writeUInt16LE(pageVersion, 4);
      header.writeUInt16LE(pageHeaderBytes, 6);
      header.writeUInt32LE(payload.length, 8);
      header.writeUInt32LE(requests, 12);
      header.writeUInt32LE(rows, 16);
      header.writeUInt32LE(crc32(payload, crc32(header.subarray(0, 20))), 20);
      return Buffer.concat([header, payload]);
    },
  };
}

export interface PageHeader {
  payloadBytes: number;
  requests: number;
  rows: number;
  crc: number;
}

/** Null when these 24 bytes do not start a page of this version. */
export function parsePageHeader(bytes: Buffer): PageHeader | null {
  if (bytes.length < pageHeaderBytes || bytes.readUInt32LE(0) !== magic) return null;
  if (bytes.readUInt16LE(4) !== pageVersion) return null;
  return {
    payloadBytes: bytes.readUInt32LE(8),
    requests: bytes.readUInt32LE(12),
    rows: bytes.readUInt32LE(16),
    crc: bytes.readUInt32LE(20),
  };
}

export interface ChunkPage {
  requests: { level: number; index: number; row: number; rows: number }[];
  atUs: Float64Array;
  tokens: Uint32Array;
  read: Uint32Array;
  kind: Uint8Array;
}

/** @throws RangeError where the bytes are not what was written. */
export function parseChunkPage(headerBytes: Buffer, payload: Buffer): ChunkPage {
  const header = parsePageHeader(headerBytes);
  if (header === null) throw new RangeError('no page starts here');
  if (crc32(payload, crc32(headerBytes.subarray(0, 20))) !== header.crc) {
    throw new RangeError('checksum does not match');
  }
  const reader = createVarintReader(payload);
  const page: ChunkPage = {
    requests: [],
    atUs: new Float64Array(header.rows),
    tokens: new Uint32Array(header.rows),
    read: new Uint32Array(header.rows),
    kind: new Uint8Array(header.rows),
  };
  let row = 0;
  for (let i = 0; i < header.requests; i++) {
    const entry = {
      level: reader.signed(),
      index: reader.unsigned(),
      row,
      rows: reader.unsigned(),
    };
    page.requests.push(entry);
    row += entry.rows;
  }
  if (row !== header.rows) throw new RangeError('directory does not add up');
  for (const { row: start, rows } of page.requests) {
    let atUs = 0;
    for (let i = start; i < start + rows; i++) {
      atUs += reader.signed();
      page.atUs[i] = atUs;
    }
  }
  readRunLengthColumn(reader, page.tokens);
  readRunLengthColumn(reader, page.read);
  readRunLengthColumn(reader, page.kind);
  for (const { row: start, rows } of page.requests) {
    // Steps may be negative; as they come back to whole counts, unsigned arithmetic holds them.
    for (let i = start + 1; i < start + rows; i++) {
      page.read[i] = (page.read[i - 1] ?? 0) + (page.read[i] ?? 0);
    }
  }
  return page;
}

/** A view on a request's rows; nothing is copied. */
export function chunksOf(page: ChunkPage, row: number, rows: number): ChunkColumns {
  return {
    atUs: page.atUs.subarray(row, row + rows),
    tokens: page.tokens.subarray(row, row + rows),
    read: page.read.subarray(row, row + rows),
    kind: page.kind.subarray(row, row + rows),
  };
}

function createRunLengthColumn() {
  const writer = createVarintWriter();
  let value = 0;
  let repeat = 0;
  const end = (): void => {
    if (repeat === 0) return;
    writer.signed(value);
    writer.unsigned(repeat);
    repeat = 0;
  };
  return {
    get length() {
      return writer.length;
    },
    add(next: number): void {
      if (next !== value) {
        end();
        value = next;
      }
      repeat++;
    },
    bytes(): Uint8Array {
      end();
      return writer.bytes();
    },
  };
}

function readRunLengthColumn(reader: VarintReader, column: Uint32Array | Uint8Array): void {
  let row = 0;
  while (row < column.length) {
    const value = reader.signed();
    const repeat = reader.unsigned();
    if (repeat === 0 || row + repeat > column.length) throw new RangeError('column is too long');
    column.fill(value, row, row + repeat);
    row += repeat;
  }
}

/** Checked before anything is added, so that a page never holds half a request. */
function requireColumns({ atUs, tokens, read, kind }: ChunkColumns): number {
  const rows = atUs.length;
  if (tokens.length !== rows || read.length !== rows || kind.length !== rows) {
    throw new RangeError('chunk columns differ in length');
  }
  for (let i = 0; i < rows; i++) {
    requireWhole('chunk stamp', atUs[i], 2 ** 50, -(2 ** 50));
    requireWhole('chunk tokens', tokens[i], 0xffffffff, 0);
    requireWhole('chunk read', read[i], 0xffffffff, 0);
    requireWhole('chunk kind', kind[i], 255, 0);
  }
  return rows;
}

function requireWhole(what: string, value: number | undefined, high: number, low: number): void {
  if (Number.isInteger(value) && value !== undefined && value <= high && value >= low) return;
  throw new RangeError(`${what} ${value} is not a whole number from ${low} to ${high}`);
}
