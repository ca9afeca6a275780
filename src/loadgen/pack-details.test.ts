import { describe, expect, it } from 'vitest';
import { detailsOf, rememberLater, rememberSent } from '../client/index.ts';
import type { RequestRecord } from '../model/index.ts';
import { createDetailsPacker, type PackedDetails, unpackDetails } from './pack-details.ts';

const notes = {
  unknownDeltaFields: [],
  malformedEvents: 0,
  logprobs: false,
  choices: 1,
  finishWithoutDone: false,
  emptyChunksCounted: 0,
};

const record = (index: number, tokenSource: RequestRecord['tokenSource']) =>
  ({ index, tokenSource }) as RequestRecord;

/** What a message to another thread does to it; null: nothing was sent. */
function sendOver(from: RequestRecord): RequestRecord | null {
  const packed = createDetailsPacker().pack(from, 7);
  if (packed === null) return null;
  const received = structuredClone(packed) as PackedDetails;
  expect(received.row).toBe(7);
  const to = record(from.index, from.tokenSource);
  unpackDetails(to, received);
  return to;
}

const pieces = [
  { row: 0, choice: 0, kind: 0 as const, text: 'a' },
  { row: 1, choice: 0, kind: 0 as const, text: 'b' },
];
const none = { rawChoice: -1, rawKind: 0 as const, kept: null };

describe('packed details', () => {
  it('take along what the text is made of', () => {
    // Rows 0 and 1 were read, row 2 has not been: an escaped line end.
    const bytes = new TextEncoder().encode('c\\n');
    const ends = Int32Array.of(-1, -1, 3);
    const own = record(1, 'assumed');
    rememberLater(own, { ...none, rawChoice: 0, pieces, bytes, ends }, notes);
    const there = detailsOf(sendOver(own) as RequestRecord);
    expect(there?.notes).toEqual(notes);
    expect(there?.text).toEqual({
      lanes: [{ choice: 0, kind: 0, text: 'abc\n' }],
      segments: [
        { row: 0, lane: 0, end: 1 },
        { row: 1, lane: 0, end: 2 },
        { row: 2, lane: 0, end: 4 },
      ],
    });
    expect(sendOver(record(2, 'assumed'))).toBeNull();
  });

  it('go without a text where only the notes say something', () => {
    const own = record(1, 'one-per-chunk');
    rememberSent(own, { text: { lanes: [], segments: [] }, notes: { ...notes, logprobs: true } });
    expect(detailsOf(sendOver(own) as RequestRecord)).toEqual({
      text: { lanes: [], segments: [] },
      notes: { ...notes, logprobs: true },
    });
  });

  it('keep ever fewer texts, spread over the level', () => {
    const packer = createDetailsPacker();
    const kept: number[] = [];
    const bytes = new Uint8Array(0);
    const ends = new Int32Array(0);
    for (let i = 0; i < 20_000; i++) {
      const own = record(i, 'one-per-chunk');
      rememberLater(own, { ...none, pieces, bytes, ends }, notes);
      if (packer.pack(own, 0) !== null) kept.push(i);
    }
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.length).toBeLessThan(2500);
    expect(kept.filter((i) => i >= 10_000).length).toBeGreaterThan(64);
  });

  it('keep all of them where all are wanted', () => {
    const packer = createDetailsPacker(true);
    const [bytes, ends] = [new Uint8Array(0), new Int32Array(0)];
    for (let i = 0; i < 2000; i++) {
      const own = record(i, 'one-per-chunk');
      rememberLater(own, { ...none, pieces, bytes, ends }, notes);
      expect(packer.pack(own, 0)).not.toBeNull();
    }
  });
});
