import type { LimitTold, RequestRecord } from '../model/index.ts';
import { type OutputText, type PackedText, readText } from './output-text.ts';
import type { StreamNotes } from './stream-interpreter.ts';

/** What is known of a request beyond its record: too large or too rare to be a column. */
export interface SentDetails {
  text: OutputText;
  notes: StreamNotes;
}

/**
 * Beside the records, keyed by the record object itself: `Send` returns only the record, the text
 * is needed once (token counts), and it goes when the record goes. A copied record has no details.
 */
const details = new WeakMap<RequestRecord, SentDetails>();

export function rememberSent(record: RequestRecord, sent: SentDetails): void {
  details.set(record, sent);
}

/** Text and notes of a record that this process received; undefined for one read from a file. */
export function detailsOf(record: RequestRecord): SentDetails | undefined {
  return details.get(record);
}

const packedTexts = new WeakMap<RequestRecord, PackedText>();

/** Remembers a text that is put together only when somebody asks for it. */
export function rememberLater(record: RequestRecord, packed: PackedText, notes: StreamNotes): void {
  let text: OutputText | null = null;
  packedTexts.set(record, packed);
  rememberSent(record, {
    notes,
    get text() {
      text ??= readText(packed);
      return text;
    },
  });
}

/** What the text of `detailsOf` is made of; undefined where it was remembered as it is. */
export function packedTextOf(record: RequestRecord): PackedText | undefined {
  return packedTexts.get(record);
}

const limits = new WeakMap<RequestRecord, LimitTold>();

export function rememberLimits(record: RequestRecord, told: LimitTold): void {
  limits.set(record, told);
}

/** What the reply's headers said of the server's limits; undefined where they said nothing. */
export function limitsOfReply(record: RequestRecord): LimitTold | undefined {
  return limits.get(record);
}
