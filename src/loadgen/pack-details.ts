import {
  detailsOf,
  type PackedText,
  packedTextOf,
  rememberLater,
  rememberSent,
  type SentDetails,
} from '../client/index.ts';
import type { RequestRecord } from '../model/index.ts';

/** What is known of a request beyond its record, on its way to another thread. */
export interface PackedDetails {
  /** Row of the page that the record is in. */
  row: number;
  /** Put together by the thread that reads it; null: there is none. */
  text: PackedText | null;
  notes: SentDetails['notes'];
}

/**
 * Text is kept for a check of token counts on a sample of 64 requests: each time that so many have
 * theirs, only every second of the following does. Unresolved chunks need it always.
 */
const textsPerHalving = 256;

/**
 * Packs on the thread that received; one packer a level.
 * @param allTexts every text is wanted, whatever it costs
 */
export function createDetailsPacker(allTexts = false): {
  /** Null: nothing that another thread needs. */
  pack(record: RequestRecord, row: number): PackedDetails | null;
} {
  let texts = 0;
  return {
    pack(record, row) {
      const own = detailsOf(record);
      if (!own) return null;
      const every = 2 ** Math.floor(texts / textsPerHalving);
      const needed = allTexts || record.tokenSource === 'assumed';
      if (!needed && record.index % every !== 0) return null;
      texts += 1;
      return { row, text: packedTextOf(record) ?? null, notes: own.notes };
    },
  };
}

/** Attaches details to the record that they are of: `detailsOf` gives them from then on. */
export function unpackDetails(record: RequestRecord, { text, notes }: PackedDetails): void {
  if (text !== null) rememberLater(record, text, notes);
  else rememberSent(record, { notes, text: { lanes: [], segments: [] } });
}
