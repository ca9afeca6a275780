import type { RequestRecord } from '../model/index.ts';
import { ChunkEncoder } from './encode-chunks.ts';
import { pageHeaderBytes, pageMagic, writePageFrame } from './page-frame.ts';
import { Column, columnCount, descriptorBytes, layoutBytes } from './record-columns.ts';

/** Requests on their way into a page of records.bin, in the order in which they were added. */
export interface RecordPageBuilder {
  readonly requests: number;
  /** Chunks of them all, and how many of those came with the same network read as another. */
  readonly rows: number;
  readonly coalesced: number;
  /** Bytes of the page so far, near enough to decide when it is full. */
  readonly size: number;
  /** @throws RangeError for chunks or numbers that are not whole: nothing is added then. */
  add(record: RequestRecord): void;
  /** The page but for its checksum (`sealPage`), in memory of its own; the builder starts anew. */
  finish(): Uint8Array<ArrayBuffer>;
}

const missing = Number.NaN;
/** By bytes a value: what stands for a missing one, above all others. */
const largestOf = { 1: 0xff, 2: 0xffff, 4: 0xffffffff } as const;

export function createRecordPageBuilder(): RecordPageBuilder {
  const chunks = new ChunkEncoder();
  const texts = new Map<string, number>();
  let cells = new Float64Array(64 * columnCount);
  let requests = 0;
  let prefix = '';

  const textOf = (text: string | null): number => {
    if (text === null) return missing;
    let number = texts.get(text);
    if (number === undefined) {
      number = texts.size + 1;
      texts.set(text, number);
    }
    return number;
  };
  const idOf = ({ requestId, index }: RequestRecord): number => {
    if (requests === 0) prefix = prefixOf(requestId, index);
    return requestId === `${prefix}-${index}` ? missing : textOf(requestId);
  };

  return {
    get requests() {
      return requests;
    },
    get rows() {
      return chunks.rows;
    },
    get coalesced() {
      return chunks.coalesced;
    },
    get size() {
      return requests * 64 + chunks.length;
    },
    add(record) {
      requireWhole('level', record.level, 2 ** 31, -(2 ** 31));
      requireWhole('index', record.index, 2 ** 50, 0);
      chunks.add(record.chunks);
      const at = requests * columnCount;
      if (at === cells.length) {
        const larger = new Float64Array(cells.length * 2);
        larger.set(cells);
        cells = larger;
      }
      cells[at + Column.level] = record.level;
      cells[at + Column.index] = record.index;
      cells[at + Column.requestId] = idOf(record);
      cells[at + Column.counted] = record.counted ? 1 : 0;
      cells[at + Column.intendedUs] = record.intendedUs;
      cells[at + Column.sentUs] = record.sentUs ?? missing;
      cells[at + Column.connectUs] = record.connectUs;
      cells[at + Column.dnsUs] = record.dnsUs ?? 0;
      cells[at + Column.tlsUs] = record.tlsUs ?? 0;
      cells[at + Column.writtenUs] = record.writtenUs ?? missing;
      cells[at + Column.targetIndex] = record.targetIndex ?? 0;
      cells[at + Column.headersUs] = record.headersUs ?? missing;
      cells[at + Column.firstByteUs] = record.firstByteUs ?? missing;
      cells[at + Column.firstChunkUs] = record.firstChunkUs ?? missing;
      cells[at + Column.firstTokenUs] = record.firstTokenUs ?? missing;
      cells[at + Column.lastTokenUs] = record.lastTokenUs ?? missing;
      cells[at + Column.endUs] = record.endUs;
      cells[at + Column.outcome] = textOf(record.outcome);
      cells[at + Column.status] = record.status ?? missing;
      cells[at + Column.error] = textOf(record.error);
      cells[at + Column.finishReason] = textOf(record.finishReason);
      cells[at + Column.done] = record.done ? 1 : 0;
      cells[at + Column.inputTokensAsked] = record.inputTokensAsked;
      cells[at + Column.outputTokensAsked] = record.outputTokensAsked;
      cells[at + Column.inputTokensUsage] = record.inputTokensUsage ?? missing;
      cells[at + Column.outputTokensUsage] = record.outputTokensUsage ?? missing;
      cells[at + Column.cachedTokensUsage] = record.cachedTokensUsage ?? missing;
      cells[at + Column.outputTokensCounted] = record.outputTokensCounted ?? missing;
      cells[at + Column.tokenSource] = textOf(record.tokenSource);
      cells[at + Column.chunksEnd] = chunks.length;
      requests++;
    },
    finish() {
      const plans = planColumns(cells, requests);
      const columnsAt = pageHeaderBytes + layoutBytes + columnCount * descriptorBytes;
      const textsAt = plans.reduce((sum, { width }) => sum + width * requests, columnsAt);
      const textBytes = Buffer.from(JSON.stringify([prefix, ...texts.keys()]));
      const chunksAt = textsAt + textBytes.length;
      const page = new Uint8Array(chunksAt + chunks.length);
      const data = new DataView(page.buffer);
      writePageFrame(page, pageMagic.records, { requests, rows: chunks.rows });
      [columnCount, textsAt, textBytes.length, chunksAt].forEach((value, i) => {
        data.setUint32(pageHeaderBytes + i * 4, value, true);
      });
      let start = columnsAt;
      plans.forEach(({ width, base }, column) => {
        const at = pageHeaderBytes + layoutBytes + column * descriptorBytes;
        data.setUint8(at, width);
        data.setUint32(at + 4, start, true);
        data.setFloat64(at + 8, base, true);
        writeColumn(data, start, { width, base }, cells, column, requests);
        start += width * requests;
      });
      page.set(textBytes, textsAt);
      page.set(chunks.bytes.subarray(0, chunks.length), chunksAt);
      chunks.clear();
      texts.clear();
      requests = 0;
      return page;
    },
  };
}

interface ColumnPlan {
  width: 0 | 1 | 2 | 4 | 8;
  base: number;
}

/** The fewest bytes a value that hold each column exactly. */
function planColumns(cells: Float64Array, requests: number): ColumnPlan[] {
  const plans: ColumnPlan[] = [];
  const end = requests * columnCount;
  for (let column = 0; column < columnCount; column++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let gaps = 0;
    let whole = true;
    for (let i = column; i < end; i += columnCount) {
      const value = cells[i] as number;
      if (value < least) least = value;
      if (value > most) most = value;
      if (Math.floor(value) !== value) {
        if (Number.isNaN(value)) gaps++;
        else whole = false;
      }
    }
    plans.push(planColumn(least, most, gaps, requests, whole));
  }
  return plans;
}

function planColumn(
  least: number,
  most: number,
  gaps: number,
  requests: number,
  whole: boolean,
): ColumnPlan {
  if (gaps === requests) return { width: 0, base: missing };
  if (least === most && gaps === 0) return { width: 0, base: least };
  const range = most - least;
  const exact = whole && Number.isSafeInteger(least) && Number.isSafeInteger(most);
  const width = ([1, 2, 4] as const).find((bytes) => range < largestOf[bytes]);
  return exact && width !== undefined ? { width, base: least } : { width: 8, base: 0 };
}

function writeColumn(
  data: DataView,
  start: number,
  { width, base }: ColumnPlan,
  cells: Float64Array,
  column: number,
  requests: number,
): void {
  if (width === 0) return;
  for (let row = 0; row < requests; row++) {
    const value = cells[row * columnCount + column] as number;
    if (width === 8) {
      data.setFloat64(start + row * 8, value, true);
      continue;
    }
    const over = Number.isNaN(value) ? largestOf[width] : value - base;
    if (width === 1) data.setUint8(start + row, over);
    else if (width === 2) data.setUint16(start + row * 2, over, true);
    else data.setUint32(start + row * 4, over, true);
  }
}

function prefixOf(requestId: string, index: number): string {
  const end = `-${index}`;
  return requestId.endsWith(end) ? requestId.slice(0, -end.length) : '';
}

function requireWhole(what: string, value: number, high: number, low: number): void {
  if (Number.isInteger(value) && value <= high && value >= low) return;
  throw new RangeError(`${what} ${value} is not a whole number from ${low} to ${high}`);
}
