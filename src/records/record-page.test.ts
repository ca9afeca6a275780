import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRecord, withPlainColumns } from '../../test/fixtures/any-record.ts';
import type { RequestRecord } from '../model/index.ts';
import {
  createRecordPageBuilder,
  openRecordPage,
  parseRecordPage,
  type RecordView,
  sealPage,
  toPlainRecord,
  viewsOf,
} from './index.ts';

const plain: RequestRecord = {
  level: 2,
  index: 300,
  requestId: 'run-2-300',
  counted: true,
  intendedUs: 90,
  sentUs: 95,
  connectUs: 0,
  dnsUs: 0,
  tlsUs: 0,
  writtenUs: 96,
  targetIndex: 0,
  headersUs: 99,
  firstByteUs: 99,
  firstChunkUs: 99,
  firstTokenUs: 100,
  lastTokenUs: 105,
  endUs: 106,
  outcome: 'ok',
  status: 200,
  error: null,
  finishReason: 'stop',
  done: true,
  inputTokensAsked: 1,
  outputTokensAsked: 5,
  inputTokensUsage: null,
  outputTokensUsage: 5,
  cachedTokensUsage: null,
  outputTokensCounted: null,
  tokenSource: 'continuous-usage',
  chunks: { atUs: [100, 105, 105], tokens: [1, 1, 3], read: [0, 1, 1], kind: [0, 0, 1] },
};

function pageOf(records: readonly RequestRecord[]): Uint8Array<ArrayBuffer> {
  const builder = createRecordPageBuilder();
  for (const record of records) builder.add(record);
  const page = builder.finish();
  sealPage(page);
  return page;
}

const viewOf = (record: RequestRecord): RecordView =>
  viewsOf(parseRecordPage(pageOf([record])))[0] as RecordView;

describe('a page', () => {
  it('gives back any records, bit by bit, to every reader and after another page', () => {
    const builder = createRecordPageBuilder();
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 8 }), (records) => {
        for (const record of records) builder.add(record);
        expect(builder.requests).toBe(records.length);
        expect(builder.rows).toBe(records.reduce((sum, r) => sum + r.chunks.atUs.length, 0));
        const page = builder.finish();
        expect(builder.requests).toBe(0);
        sealPage(page);
        const views = viewsOf(parseRecordPage(structuredClone(page)));
        const expected = records.map(withPlainColumns);
        expect(views.map(toPlainRecord).map(withPlainColumns)).toEqual(expected);
        expect(views.map((view) => view.chunkRows)).toEqual(
          records.map((record) => record.chunks.atUs.length),
        );
        expect(views.map((view) => view.firstChunkTokens)).toEqual(
          records.map((record) => record.chunks.tokens[0] ?? null),
        );
        const asText = JSON.parse(JSON.stringify(views)) as RequestRecord[];
        expect(asText.map(withPlainColumns)).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 300 },
    );
  });

  it('counts the chunks that came with the read of another', () => {
    const builder = createRecordPageBuilder();
    builder.add(plain);
    builder.add(plain);
    expect([builder.rows, builder.coalesced]).toEqual([6, 2]);
  });

  it('is written as documented, byte for byte', () => {
    const page = pageOf([plain, { ...plain, index: 301, requestId: 'other', sentUs: null }]);
    const data = new DataView(page.buffer);
    const u32 = (at: number) => data.getUint32(at, true);
    const ascii = (from: number, to: number) => Buffer.from(page.subarray(from, to)).toString();
    expect(ascii(0, 4)).toBe('IBRP');
    expect([data.getUint16(4, true), data.getUint16(6, true)]).toEqual([1, 24]);
    expect([u32(8), u32(12), u32(16)]).toEqual([page.length - 24, 2, 6]);
    // Python 3.11: zlib.crc32(page[24:], zlib.crc32(page[:20]))
    expect(u32(20).toString(16)).toBe('4bb647f3');
    const [columns, textsAt, textBytes, chunksAt] = [u32(24), u32(28), u32(32), u32(36)];
    expect(columns).toBe(30);
    const descriptor = (column: number) => {
      const at = 40 + column * 16;
      return { bytes: data.getUint8(at), start: u32(at + 4), base: data.getFloat64(at + 8, true) };
    };
    // By hand from docs/reference/result-format.md.
    expect(descriptor(0)).toMatchObject({ bytes: 0, base: 2 });
    const index = descriptor(1);
    expect(index).toEqual({ bytes: 1, start: 40 + 30 * 16, base: 300 });
    expect([page[index.start], page[index.start + 1]]).toEqual([0, 1]);
    // The first id follows from the prefix; the second is text 4 of the page.
    const id = descriptor(2);
    expect(id).toMatchObject({ bytes: 1, base: 4 });
    expect([page[id.start], page[id.start + 1]]).toEqual([0xff, 0]);
    const sent = descriptor(5);
    expect(sent).toMatchObject({ bytes: 1, base: 95 });
    expect([page[sent.start], page[sent.start + 1]]).toEqual([0, 0xff]);
    expect(descriptor(19)).toMatchObject({ bytes: 0, base: Number.NaN });
    expect(ascii(textsAt, textsAt + textBytes)).toBe(
      '["run-2","ok","stop","continuous-usage","other"]',
    );
    expect(chunksAt).toBe(textsAt + textBytes);
    const chunks = [
      ...[3, 4], // 3 rows; tokens apart
      ...[0xc8, 1, 0, 1], // 100 us, read 0, by 1
      ...[5, 0, 1], // 5 us to the next read; one more row of it
      ...[1, 1, 3], // tokens
      ...[0, 2, 1, 1], // kind 0 twice, kind 1 once
    ];
    expect([...page.subarray(chunksAt)]).toEqual([...chunks, ...chunks]);
    expect(descriptor(29)).toMatchObject({ bytes: 1, base: chunks.length });
  });

  it.each([
    ['one token a read, some 10 ms apart', 1, 10_000],
    ['one token a read, some 100 ms apart', 1, 100_000],
    ['20 tokens a read', 20, 10_000],
  ])('costs at most 3 bytes a token: %s', (_name, perRead, gapUs) => {
    const rows = Array.from({ length: 200 }, (_, i) => Math.floor(i / perRead));
    const chunks = {
      atUs: rows.map((read) => 5e9 + read * gapUs + ((read * 7919) % 1000)),
      tokens: rows.map(() => 1),
      read: rows,
      kind: rows.map(() => 0),
    };
    const records = Array.from({ length: 100 }, (_, i) => ({ ...plain, index: i, chunks }));
    expect(pageOf(records).length / (100 * 200)).toBeLessThanOrEqual(perRead === 1 ? 3.2 : 0.5);
  });

  it('notices any changed bit, and an end that is missing', () => {
    const page = pageOf([plain]);
    for (let bit = 0; bit < page.length * 8; bit++) {
      const changed = page.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => parseRecordPage(changed)).toThrow(RangeError);
    }
    expect(() => parseRecordPage(page.subarray(0, -1))).toThrow(RangeError);
  });

  it.each([
    ['atUs', [1.5]],
    ['atUs', [Number.NaN]],
    ['atUs', [2 ** 53]],
    ['tokens', [-1]],
    ['read', [0.5]],
    ['kind', [256]],
    ['kind', [0, 0]],
  ])('refuses %s %j and stays as it was', (column, values) => {
    const builder = createRecordPageBuilder();
    builder.add(plain);
    const chunks = { atUs: [1], tokens: [1], read: [0], kind: [0], [column]: values };
    expect(() => builder.add({ ...plain, chunks })).toThrow(RangeError);
    expect(() => builder.add({ ...plain, index: 0.5 })).toThrow(RangeError);
    builder.add(plain);
    const views = viewsOf(openRecordPage(builder.finish()));
    const expected = withPlainColumns(plain);
    expect(views.map(toPlainRecord).map(withPlainColumns)).toEqual([expected, expected]);
  });
});

describe('a view', () => {
  it('takes what a tokenizer finds out, and leaves its page alone', () => {
    const bytes = pageOf([plain]);
    const before = bytes.slice();
    const [view, other] = [0, 0].map(() => viewsOf(parseRecordPage(bytes))[0] as RecordView);
    const held = view?.chunks;
    if (view === undefined || held === undefined) expect.fail('no view');
    expect(view.place).not.toBeNull();
    held.tokens = [2, 0, 7];
    view.tokenSource = 'tokenizer';
    view.outputTokensCounted = 9;
    expect(view.place).toBeNull();
    // Another record's chunks, so that nothing is remembered from the last look.
    expect(Array.from(other?.chunks.tokens ?? [])).toEqual([1, 1, 3]);
    const { chunks, ...rest } = plain;
    const expected = { ...rest, tokenSource: 'tokenizer', outputTokensCounted: 9 };
    expect(withPlainColumns(toPlainRecord(view))).toEqual(
      withPlainColumns({ ...expected, chunks: { ...chunks, tokens: [2, 0, 7] } } as RequestRecord),
    );
    expect(Array.from(held.tokens)).toEqual([2, 0, 7]);
    expect([...bytes]).toEqual([...before]);
    view.chunks = { atUs: [1], tokens: [4], read: [0], kind: [0] };
    expect([view.chunkRows, ...Array.from(view.chunks.tokens)]).toEqual([1, 4]);
    expect(() => {
      (view as { endUs: number }).endUs = 1;
    }).toThrow(TypeError);
  });

  it('says what an old record leaves out', () => {
    const { dnsUs: _d, tlsUs: _t, writtenUs: _w, targetIndex: _i, ...old } = plain;
    const expected = { dnsUs: 0, tlsUs: 0, writtenUs: null, targetIndex: 0 };
    expect(toPlainRecord(viewOf(old))).toMatchObject(expected);
    expect(toPlainRecord(old)).toMatchObject(expected);
  });

  it('survives the reading of another record in between', () => {
    const view = viewOf(plain);
    const first = view.chunks;
    const other = viewOf({ ...plain, chunks: { ...plain.chunks, atUs: [1, 2, 2] } });
    expect(Array.from(other.chunks.atUs)).toEqual([1, 2, 2]);
    expect(Array.from(first.atUs)).toEqual([100, 105, 105]);
    expect(Array.from(view.chunks.atUs)).toEqual([100, 105, 105]);
  });
});
