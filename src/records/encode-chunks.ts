import type { ChunkColumns } from '../model/index.ts';
import { writeSigned, writeUnsigned } from './varint.ts';

/*
 * The chunks of one request as bytes, varints (u unsigned, s signed); no chunks, no bytes:
 *   rows u, flags (one byte), first stamp s, first read number u, stride u, then
 *   stamps and reads    for each further row, a stride of reads later, the microseconds since the
 *                       row before (u, above 0); 0 and a count u: so many more rows at the same time
 *                       in the same read; 0 0 gap s, step s: any other row
 *   tokens              nothing with flag `ones`; with `tokensApart` u each; else u, run lengths
 *   kinds               nothing with flag `content`; else u, run lengths
 * Run lengths: pairs of value and repeat (u) until all rows are covered.
 */
export const flag = { ones: 1, content: 2, tokensApart: 4 } as const;

const stampLimit = 2 ** 50;
const countLimit = 0xffffffff;

/**
 * Encodes the chunks of one request after the other into one growing piece of memory. Columns are
 * first copied into memory of one type, whatever they are: loops over it are compiled once and for
 * all.
 */
export class ChunkEncoder {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(16 * 1024);
  /** Bytes used. */
  length = 0;
  /** Chunks since the last `clear`, and those that came with the same network read as another. */
  rows = 0;
  coalesced = 0;
  private atUs = new Float64Array(256);
  private read = new Float64Array(256);
  private tokens = new Float64Array(256);
  private kind = new Float64Array(256);

  clear(): void {
    this.length = 0;
    this.rows = 0;
    this.coalesced = 0;
  }

  /** @throws RangeError for stamps or counts that are not whole numbers: nothing is added then. */
  add(chunks: ChunkColumns): void {
    const rows = chunks.atUs.length;
    const { tokens: givenTokens, read: givenRead, kind: givenKind } = chunks;
    if (givenTokens.length !== rows || givenRead.length !== rows || givenKind.length !== rows) {
      throw new RangeError('chunk columns differ in length');
    }
    if (rows === 0) return;
    if (rows > this.atUs.length) this.growColumns(rows);
    const { atUs, read, tokens, kind } = this;
    atUs.set(chunks.atUs);
    read.set(givenRead);
    tokens.set(givenTokens);
    kind.set(givenKind);

    const stride = strideOf(read, rows);
    let plain = true;
    let ones = tokens[0] === 1;
    let content = kind[0] === 0;
    let tokenRuns = 1;
    let same = 0;
    for (let i = 1; i < rows; i++) {
      const step = (read[i] as number) - (read[i - 1] as number);
      const gapUs = (atUs[i] as number) - (atUs[i - 1] as number);
      if (step === 0) same++;
      if (!isPlain(gapUs, step, stride)) plain = false;
      const count = tokens[i] as number;
      if (count !== 1) ones = false;
      if (count !== tokens[i - 1]) tokenRuns++;
      if (kind[i] !== 0) content = false;
    }
    // Whole first values and whole steps make whole columns, which only grow.
    const last = rows - 1;
    requireWhole('chunk stamp', atUs, plain ? 1 : rows, stampLimit, -stampLimit);
    requireWhole('chunk read', read, plain ? 1 : rows, countLimit, 0);
    requireWhole('chunk stamp', atUs.subarray(last), 1, stampLimit, -stampLimit);
    requireWhole('chunk read', read.subarray(last), 1, countLimit, 0);
    if (!ones) requireWhole('chunk tokens', tokens, rows, countLimit, 0);
    if (!content) requireWhole('chunk kind', kind, rows, 255, 0);

    this.reserve(40 + rows * (plain ? 6 : 18) + (ones ? 0 : rows * 10) + (content ? 0 : rows * 7));
    const tokensApart = !ones && tokenRuns * 2 > rows;
    const { bytes } = this;
    let to = writeUnsigned(bytes, this.length, rows);
    bytes[to++] =
      (ones ? flag.ones : 0) | (content ? flag.content : 0) | (tokensApart ? flag.tokensApart : 0);
    to = writeSigned(bytes, to, atUs[0] as number);
    to = writeUnsigned(bytes, to, read[0] as number);
    to = writeUnsigned(bytes, to, stride);
    to = writeRows(bytes, to, atUs, read, rows, stride);
    if (tokensApart) {
      for (let i = 0; i < rows; i++) to = writeUnsigned(bytes, to, tokens[i] as number);
    } else if (!ones) to = writeRuns(bytes, to, tokens, rows);
    if (!content) to = writeRuns(bytes, to, kind, rows);
    this.length = to;
    this.rows += rows;
    this.coalesced += same;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  private growColumns(rows: number): void {
    const length = Math.max(rows, this.atUs.length * 2);
    this.atUs = new Float64Array(length);
    this.read = new Float64Array(length);
    this.tokens = new Float64Array(length);
    this.kind = new Float64Array(length);
  }
}

/** How far the read number moves on where it first does: 1, or more where reads bring no token. */
function strideOf(read: Float64Array, rows: number): number {
  for (let i = 1; i < rows; i++) {
    const step = (read[i] as number) - (read[i - 1] as number);
    if (step !== 0) return step > 0 && (step | 0) === step ? step : 1;
  }
  return 1;
}

const isPlain = (gapUs: number, step: number, stride: number): boolean =>
  step === stride ? gapUs > 0 && (gapUs | 0) === gapUs : step === 0 && gapUs === 0;

function writeRows(
  bytes: Uint8Array,
  from: number,
  atUs: Float64Array,
  read: Float64Array,
  rows: number,
  stride: number,
): number {
  let to = from;
  for (let i = 1; i < rows; ) {
    const lastUs = atUs[i - 1] as number;
    const lastRead = read[i - 1] as number;
    const gapUs = (atUs[i] as number) - lastUs;
    const step = (read[i] as number) - lastRead;
    if (!isPlain(gapUs, step, stride)) {
      bytes[to++] = 0;
      bytes[to++] = 0;
      to = writeSigned(bytes, to, gapUs);
      to = writeSigned(bytes, to, step);
      i++;
    } else if (step === 0) {
      let end = i + 1;
      while (end < rows && atUs[end] === lastUs && read[end] === lastRead) end++;
      bytes[to++] = 0;
      to = writeUnsigned(bytes, to, end - i);
      i = end;
    } else {
      let rest = gapUs | 0;
      while (rest >= 128) {
        bytes[to++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      bytes[to++] = rest;
      i++;
    }
  }
  return to;
}

function writeRuns(bytes: Uint8Array, at: number, column: Float64Array, rows: number): number {
  let to = at;
  for (let i = 0; i < rows; ) {
    const value = column[i] as number;
    let end = i + 1;
    while (end < rows && column[end] === value) end++;
    to = writeUnsigned(bytes, to, value);
    to = writeUnsigned(bytes, to, end - i);
    i = end;
  }
  return to;
}

function requireWhole(
  what: string,
  values: Float64Array,
  rows: number,
  high: number,
  low: number,
): void {
  for (let i = 0; i < rows; i++) {
    const value = values[i] as number;
    if (Math.floor(value) !== value || value > high || value < low) {
      throw new RangeError(`${what} ${value} is not a whole number from ${low} to ${high}`);
    }
  }
}
