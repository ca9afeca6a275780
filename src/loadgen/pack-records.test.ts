import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsOf, rememberSent } from '../client/index.ts';
import type { RequestRecord } from '../model/index.ts';
import { buffersOf, createRecordPacker, unpackRecords } from './pack-records.ts';

const notes = {
  unknownDeltaFields: [],
  malformedEvents: 0,
  logprobs: false,
  choices: 1,
  finishWithoutDone: false,
  emptyChunksCounted: 0,
};

function record(index: number, chunks: RequestRecord['chunks'], assumed = false): RequestRecord {
  return {
    level: 0,
    index,
    requestId: `r-${index}`,
    counted: true,
    intendedUs: 1,
    sentUs: 2,
    connectUs: 0,
    headersUs: 3,
    firstByteUs: null,
    firstChunkUs: 4,
    firstTokenUs: 4,
    lastTokenUs: 9,
    endUs: 10,
    outcome: 'ok',
    status: 200,
    error: null,
    finishReason: 'length',
    done: true,
    inputTokensAsked: 1,
    outputTokensAsked: 1,
    inputTokensUsage: null,
    outputTokensUsage: 3,
    cachedTokensUsage: null,
    outputTokensCounted: null,
    tokenSource: assumed ? 'assumed' : 'one-per-chunk',
    chunks,
  };
}

/** As it looks to a reader: columns as plain arrays. */
const plain = ({ chunks, ...rest }: RequestRecord) => ({
  ...rest,
  chunks: {
    atUs: Array.from(chunks.atUs),
    tokens: Array.from(chunks.tokens),
    read: Array.from(chunks.read),
    kind: Array.from(chunks.kind),
  },
});

/** What a message to another thread does to it. */
const sendOver = (records: readonly RequestRecord[]) => {
  const packed = createRecordPacker().pack(records);
  return unpackRecords(structuredClone(packed, { transfer: buffersOf(packed) }));
};

describe('packed records', () => {
  it('come out as they went in, whatever the size of their values', () => {
    const rows = fc.array(
      fc.record({
        atUs: fc.oneof(fc.nat(255), fc.nat(70_000), fc.maxSafeNat(), fc.integer({ max: 0 })),
        tokens: fc.nat(400),
        read: fc.nat(70_000),
        kind: fc.nat(3),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 5 }), (lists) => {
        const records = lists.map((list, i) =>
          record(i, {
            atUs: list.map((row) => row.atUs),
            tokens: Uint32Array.from(list.map((row) => row.tokens)),
            read: list.map((row) => row.read),
            kind: list.map((row) => row.kind),
          }),
        );
        expect(sendOver(records).map(plain)).toEqual(records.map(plain));
      }),
    );
  });

  it('take the text along, with segments where chunks still have to be counted', () => {
    const chunks = { atUs: [5, 6], tokens: [1, 1], read: [0, 1], kind: [0, 0] };
    const text = {
      lanes: [{ choice: 0, kind: 0 as const, text: 'ab' }],
      segments: [
        { row: 0, lane: 0, end: 1 },
        { row: 1, lane: 0, end: 2 },
      ],
    };
    const records = [record(0, chunks), record(1, chunks, true), record(2, chunks)];
    for (const own of records.slice(0, 2)) rememberSent(own, { text, notes });
    const [settled, assumed, unknown] = sendOver(records);
    expect(detailsOf(settled as RequestRecord)?.text.lanes).toEqual(text.lanes);
    expect(detailsOf(assumed as RequestRecord)?.text.segments).toEqual(text.segments);
    expect(detailsOf(assumed as RequestRecord)?.notes).toEqual(notes);
    expect(detailsOf(unknown as RequestRecord)).toBeUndefined();
  });

  it('keep ever fewer texts, spread over the level', () => {
    const packer = createRecordPacker();
    const none = { atUs: [], tokens: [], read: [], kind: [] };
    const kept: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      const own = record(i, none);
      rememberSent(own, {
        notes,
        text: { lanes: [{ choice: 0, kind: 0, text: 'x' }], segments: [] },
      });
      const [packed] = packer.pack([own]).records;
      if (packed?.lanes) kept.push(i);
    }
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.length).toBeLessThan(2500);
    expect(kept.filter((i) => i >= 10_000).length).toBeGreaterThan(64);
  });
});
