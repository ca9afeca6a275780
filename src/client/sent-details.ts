import type { RequestRecord } from '../model/index.ts';
import type { OutputText } from './output-text.ts';
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

/** Remembers a text that is put together only when somebody asks for it. */
export function rememberLater(
  record: RequestRecord,
  readText: () => OutputText,
  notes: StreamNotes,
): void {
  let text: OutputText | null = null;
  rememberSent(record, {
    notes,
    get text() {
      text ??= readText();
      return text;
    },
  });
}
