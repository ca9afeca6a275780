import { crc32 } from 'node:zlib';

/*
 * The frame that all pages share, numbers little endian (docs/reference/result-format.md):
 *   0  magic                4  version u16 = 1     6  header length u16 = 24
 *   8  payload length u32  12  requests u32       16  chunk rows u32
 *   20 CRC-32 (zlib) over bytes 0 to 19, then the payload
 */
export const pageHeaderBytes = 24;
const pageVersion = 1;

/** ASCII, read as a little-endian number. */
export const pageMagic = {
  /** Requests with their chunks: records.bin. */
  records: 0x50524249, // "IBRP"
  /** Chunks alone: chunks.bin of results from before there was records.bin. */
  chunks: 0x50434249, // "IBCP"
} as const;
export type PageMagic = (typeof pageMagic)[keyof typeof pageMagic];

export interface PageFrame {
  payloadBytes: number;
  requests: number;
  rows: number;
  crc: number;
}

/** Null when these bytes do not start a page of this kind and version. */
export function parsePageFrame(bytes: Uint8Array, magic: PageMagic): PageFrame | null {
  if (bytes.length < pageHeaderBytes) return null;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (data.getUint32(0, true) !== magic || data.getUint16(4, true) !== pageVersion) return null;
  return {
    payloadBytes: data.getUint32(8, true),
    requests: data.getUint32(12, true),
    rows: data.getUint32(16, true),
    crc: data.getUint32(20, true),
  };
}

/** Writes all of the header but the checksum into the first bytes of a page. */
export function writePageFrame(
  page: Uint8Array,
  magic: PageMagic,
  counts: { requests: number; rows: number },
): void {
  const data = new DataView(page.buffer, page.byteOffset, page.length);
  data.setUint32(0, magic, true);
  data.setUint16(4, pageVersion, true);
  data.setUint16(6, pageHeaderBytes, true);
  data.setUint32(8, page.length - pageHeaderBytes, true);
  data.setUint32(12, counts.requests, true);
  data.setUint32(16, counts.rows, true);
}

/** Sets the checksum of a page whose bytes are final; the page may be written then. */
export function sealPage(page: Uint8Array): void {
  new DataView(page.buffer, page.byteOffset, page.length).setUint32(20, checksumOf(page), true);
}

/** @throws RangeError where the page does not start or its bytes are not what was written. */
export function requirePage(page: Uint8Array, magic: PageMagic): PageFrame {
  const frame = parsePageFrame(page, magic);
  if (frame === null) throw new RangeError('no page starts here');
  if (frame.payloadBytes !== page.length - pageHeaderBytes || checksumOf(page) !== frame.crc) {
    throw new RangeError('checksum does not match');
  }
  return frame;
}

function checksumOf(page: Uint8Array): number {
  return crc32(page.subarray(pageHeaderBytes), crc32(page.subarray(0, pageHeaderBytes - 4)));
}
