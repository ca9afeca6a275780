import type { ChunkColumns } from '../model/index.ts';
import { pageHeaderBytes, pageMagic, requirePage } from './page-frame.ts';
import { readRunLengths, VarintReader } from './varint.ts';

/*
 * A page of chunks.bin, which results had before there was records.bin; only read. Payload,
 * varints: directory (level signed, index, rows of each request); first stamp of each request
 * absolute and then differences (signed), request after request; then three run-length columns
 * (value signed, repeat): tokens, step of the read number, kind. Steps start anew at each request.
 */
export interface ChunkPage {
  requests: { level: number; index: number; row: number; rows: number }[];
  atUs: Float64Array;
  tokens: Uint32Array;
  read: Uint32Array;
  kind: Uint8Array;
}

/** @throws RangeError where the bytes are not what was written. */
export function parseChunkPage(bytes: Uint8Array): ChunkPage {
  const frame = requirePage(bytes, pageMagic.chunks);
  const reader = new VarintReader(bytes, pageHeaderBytes);
  const page: ChunkPage = {
    requests: [],
    atUs: new Float64Array(frame.rows),
    tokens: new Uint32Array(frame.rows),
    read: new Uint32Array(frame.rows),
    kind: new Uint8Array(frame.rows),
  };
  let row = 0;
  for (let i = 0; i < frame.requests; i++) {
    const entry = {
      level: reader.signed(),
      index: reader.unsigned(),
      row,
      rows: reader.unsigned(),
    };
    page.requests.push(entry);
    row += entry.rows;
  }
  if (row !== frame.rows) throw new RangeError('directory does not add up');
  for (const { row: start, rows } of page.requests) {
    let atUs = 0;
    for (let i = start; i < start + rows; i++) {
      atUs += reader.signed();
      page.atUs[i] = atUs;
    }
  }
  const signed = () => reader.signed();
  readRunLengths(reader, page.tokens, signed);
  readRunLengths(reader, page.read, signed);
  readRunLengths(reader, page.kind, signed);
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
