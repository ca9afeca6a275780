import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf, createChunkPageBuilder, pageHeaderBytes, parseChunkPage } from './chunk-page.ts';
import { createSampleRecord, toPlainRecords } from './test-support.ts';
import { createVarintReader, createVarintWriter } from './varint.ts';

const parse = (bytes: Uint8Array) => {
  const page = Buffer.from(bytes);
  return parseChunkPage(page.subarray(0, pageHeaderBytes), page.subarray(pageHeaderBytes));
};

describe('varints', () => {
  it('hold every whole number of their range', () => {
    const signed = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger().map((n) => Math.trunc(n / 2)),
      fc.constantFrom(0, 63, 64, -64, -65, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 52 - 1, 1 - 2 ** 52),
    );
    fc.assert(
      fc.property(fc.array(signed), fc.array(fc.maxSafeNat()), (a, b) => {
        const writer = createVarintWriter();
        for (const value of a) writer.signed(value);
        for (const value of b) writer.unsigned(value);
        const reader = createVarintReader(writer.bytes());
        expect(a.map(() => reader.signed())).toEqual(a.map((value) => value + 0));
        expect(b.map(() => reader.unsigned())).toEqual(b);
        expect(reader.done).toBe(true);
      }),
    );
  });

  it('spell as LEB128 does', () => {
    const writer = createVarintWriter();
    // DWARF 5, 7.6: 624485 is e5 8e 26.
    writer.unsigned(624485);
    expect(Buffer.from(writer.bytes()).toString('hex')).toBe('e58e26');
  });
});

describe('chunk pages', () => {
  it('are written as documented, byte for byte', () => {
    const builder = createChunkPageBuilder();
    const chunks = { atUs: [100, 105, 105], tokens: [1, 1, 3], read: [0, 1, 1], kind: [0, 0, 1] };
    builder.add({ level: 2, index: 300, chunks });
    // By hand from docs/reference/result-format.md; the CRC-32 with Python 3 zlib.crc32.
    const payload = [
      ...[4, 0xac, 2, 3],
      ...[0xc8, 1, 10, 0],
      ...[2, 2, 6, 1],
      ...[0, 1, 2, 1, 0, 1],
      ...[0, 2, 2, 1],
    ];
    const header = '49424350 0100 1800 16000000 01000000 03000000 64a022d5'.replaceAll(' ', '');
    const expected = header + Buffer.from(payload).toString('hex');
    expect(Buffer.from(builder.finish()).toString('hex')).toBe(expected);
  });

  it('cost at most 3 bytes a token on a plain stream', () => {
    const builder = createChunkPageBuilder();
    const rows = 200;
    const record = createSampleRecord(0, 0, {
      chunks: {
        atUs: Array.from({ length: rows }, (_, i) => 5e9 + i * 21_000 + ((i * 7919) % 1000)),
        tokens: Array.from({ length: rows }, () => 1),
        read: Array.from({ length: rows }, (_, i) => i),
        kind: Array.from({ length: rows }, () => 0),
      },
    });
    for (let i = 0; i < 20; i++) builder.add(record);
    expect(builder.finish().length / (20 * rows)).toBeLessThanOrEqual(3.1);
  });

  it('notice any changed bit', () => {
    const builder = createChunkPageBuilder();
    builder.add(createSampleRecord(0, 3));
    const page = Buffer.from(builder.finish());
    for (let bit = 0; bit < page.length * 8; bit++) {
      const changed = Buffer.from(page);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // Header length and payload length only matter to whoever cuts pages from the file.
      expect(() => parse(changed)).toThrow(RangeError);
    }
  });

  it.each([
    ['atUs', [1.5]],
    ['atUs', [Number.NaN]],
    ['atUs', [2 ** 53]],
    ['tokens', [-1]],
    ['read', [0.5]],
    ['kind', [256]],
    ['kind', [0, 0]],
  ])('refuse %s %j and stay as they were', (column, values) => {
    const builder = createChunkPageBuilder();
    const good = createSampleRecord(0, 0);
    builder.add(good);
    const chunks = { atUs: [1], tokens: [1], read: [0], kind: [0], [column]: values };
    expect(() => builder.add({ level: 0, index: 1, chunks })).toThrow(RangeError);
    builder.add(good);
    const page = parse(builder.finish());
    expect(page.requests).toHaveLength(2);
    const { row, rows } = page.requests[1] ?? { row: 0, rows: 0 };
    expect(toPlainRecords([{ ...good, chunks: chunksOf(page, row, rows) }])).toEqual(
      toPlainRecords([good]),
    );
  });
});
