import type { ChunkColumns } from '../model/index.ts';
import { countChunkRows, decodeChunks, peekFirstTokens } from './decode-chunks.ts';
import { pageHeaderBytes, pageMagic, parsePageFrame, requirePage } from './page-frame.ts';
import { Column, descriptorBytes, layoutBytes } from './record-columns.ts';

/**
 * Requests as they lie in a page of records.bin: the bytes are the storage, in memory as on disk.
 * Nothing is decoded before it is asked for, and nothing of that is kept but the page's texts.
 */
export class RecordPage {
  /** The whole page, header included. Never changed but for the checksum. */
  readonly bytes: Uint8Array;
  readonly requests: number;
  private readonly data: DataView;
  private texts: string[] | null = null;

  constructor(bytes: Uint8Array, requests: number) {
    this.bytes = bytes;
    this.requests = requests;
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** NaN = missing. */
  number(column: Column, row: number): number {
    const { data } = this;
    const at = pageHeaderBytes + layoutBytes + column * descriptorBytes;
    const base = data.getFloat64(at + 8, true);
    const start = data.getUint32(at + 4, true);
    let over: number;
    switch (data.getUint8(at)) {
      case 0:
        return base;
      case 1:
        over = data.getUint8(start + row);
        return over === 0xff ? Number.NaN : base + over;
      case 2:
        over = data.getUint16(start + row * 2, true);
        return over === 0xffff ? Number.NaN : base + over;
      case 4:
        over = data.getUint32(start + row * 4, true);
        return over === 0xffffffff ? Number.NaN : base + over;
      default:
        return data.getFloat64(start + row * 8, true);
    }
  }

  text(column: Column, row: number): string | null {
    const number = this.number(column, row);
    return Number.isNaN(number) ? null : this.textAt(number);
  }

  requestId(row: number): string {
    return (
      this.text(Column.requestId, row) ?? `${this.textAt(0)}-${this.number(Column.index, row)}`
    );
  }

  chunks(row: number): ChunkColumns {
    return decodeChunks(this.bytes, this.chunkByte(row - 1), this.chunkByte(row));
  }

  firstTokens(row: number): number | null | undefined {
    return peekFirstTokens(this.bytes, this.chunkByte(row - 1), this.chunkByte(row));
  }

  chunkRows(row: number): number {
    return countChunkRows(this.bytes, this.chunkByte(row - 1), this.chunkByte(row));
  }

  /** Where the chunks of a row end in the page, and those of the next one begin. */
  private chunkByte(row: number): number {
    const start = this.data.getUint32(pageHeaderBytes + 12, true);
    return row < 0 ? start : start + this.number(Column.chunksEnd, row);
  }

  private textAt(number: number): string {
    if (this.texts === null) {
      const start = this.data.getUint32(pageHeaderBytes + 4, true);
      const length = this.data.getUint32(pageHeaderBytes + 8, true);
      const bytes = this.bytes.subarray(start, start + length);
      this.texts = JSON.parse(new TextDecoder().decode(bytes)) as string[];
    }
    return this.texts[number] ?? '';
  }
}

/** A page that this process made (`RecordPageBuilder.finish`); its checksum may still be missing. */
export function openRecordPage(bytes: Uint8Array): RecordPage {
  const frame = parsePageFrame(bytes, pageMagic.records);
  if (frame === null) throw new RangeError('no page starts here');
  return new RecordPage(bytes, frame.requests);
}

/** A page from elsewhere. @throws RangeError where the bytes are not what was written */
export function parseRecordPage(bytes: Uint8Array): RecordPage {
  const { requests } = requirePage(bytes, pageMagic.records);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const columns = data.getUint32(pageHeaderBytes, true);
  if (columns <= Column.chunksEnd) throw new RangeError('columns are missing');
  for (let column = 0; column < columns; column++) {
    const at = pageHeaderBytes + layoutBytes + column * descriptorBytes;
    const end = data.getUint32(at + 4, true) + data.getUint8(at) * requests;
    if (end > bytes.length) throw new RangeError('a column is longer than its page');
  }
  return new RecordPage(bytes, requests);
}
