import type { RequestRecord } from '../model/index.ts';
import {
  createRecordPageBuilder,
  openRecordPage,
  type RecordPage,
  RecordView,
  sealPage,
  viewsOf,
} from '../records/index.ts';
import type { AppendFile } from './append-file.ts';
import { requestLine } from './request-line.ts';
import type { RunFolder } from './run-folder.ts';

/** What waits for its file, in order. Pages only ever wait as they are: they may be many. */
type Waiting =
  | { file: AppendFile; page: RecordPage; lines: boolean; requests: number }
  | { file: AppendFile; text: string; requests: 0 };

/** Puts records into pages and the pages into their files. */
export interface RecordSink {
  add(record: RequestRecord): void;
  addPlan(lines: string): void;
  /** Whatever has come so far can be drained from here on. */
  seal(): void;
  /** Writes what waits; null, or what the file system said about the first that it did not take. */
  drain(): Promise<{ error: unknown; path: string } | null>;
  /** Requests that requests.jsonl leaves out. */
  readonly requestsNotListed: number;
  /** Requests that `drain` has not written. */
  readonly requestsWaiting: number;
  readonly isEmpty: boolean;
}

const pageBytes = 64 * 1024;
/** Lines in requests.jsonl: beyond that they take more time and room than everything else. */
const mostLines = 100_000;

/**
 * @param onFull called when 64 KiB are waiting: it is time to drain
 * @param most lines in requests.jsonl, up to a page
 */
export function createRecordSink(
  folder: RunFolder,
  onFull: () => void,
  most: number = mostLines,
): RecordSink {
  const waiting: Waiting[] = [];
  const builder = createRecordPageBuilder();
  /** What lies in a page of its own from now on, once that is sealed. */
  const moving: { view: RecordView; row: number; changed: object | null }[] = [];
  /** The page that has been taken up to a row: whole, its bytes go to the file as they are. */
  let current: RecordPage | null = null;
  let taken: RecordView[] = [];
  let bytes = 0;
  let lines = 0;
  let notListed = 0;

  const push = (page: RecordPage): void => {
    const { requests } = page;
    // The page goes first: the lines are a copy.
    waiting.push({ file: folder.records, page, lines: false, requests });
    if (lines >= most) notListed += requests;
    else waiting.push({ file: folder.requests, page, lines: true, requests: 0 });
    lines += requests;
  };
  const sealBuilder = (): void => {
    if (builder.requests === 0) return;
    const page = openRecordPage(builder.finish());
    for (const { view, row, changed } of moving) {
      // What was set on it since is not in this page: it stays where it is.
      if (view.changed === changed) view.moveTo(page, row);
    }
    moving.length = 0;
    push(page);
  };
  const build = (record: RequestRecord): void => {
    const row = builder.requests;
    builder.add(record);
    if (record instanceof RecordView) moving.push({ view: record, row, changed: record.changed });
    if (builder.size >= pageBytes) {
      sealBuilder();
      onFull();
    }
  };
  /** A page of which not all requests came is taken apart. */
  const breakUp = (): void => {
    const records = taken;
    current = null;
    taken = [];
    for (const record of records) build(record);
  };

  return {
    add(record) {
      const place = record instanceof RecordView ? record.place : null;
      if (current !== null && (place?.page !== current || place.row !== taken.length)) breakUp();
      if (place === null || (current === null && place.row !== 0)) return build(record);
      current = place.page;
      taken.push(record as RecordView);
      if (taken.length < current.requests) return;
      // In the order in which they came: of two records of a request the later one counts.
      sealBuilder();
      push(current);
      bytes += current.bytes.length;
      current = null;
      taken = [];
      if (bytes >= pageBytes) onFull();
    },
    addPlan(lines) {
      waiting.push({ file: folder.plan, text: lines, requests: 0 });
    },
    seal() {
      breakUp();
      sealBuilder();
      bytes = 0;
    },
    async drain() {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        try {
          await next.file.append(bytesOf(next));
        } catch (error) {
          return { error, path: next.file.path };
        }
        waiting.shift();
      }
      return null;
    },
    get requestsNotListed() {
      return notListed;
    },
    get requestsWaiting() {
      return waiting.reduce((sum, { requests }) => sum + requests, 0);
    },
    get isEmpty() {
      return waiting.length === 0;
    },
  };
}

function bytesOf(waiting: Waiting): Uint8Array {
  if ('text' in waiting) return Buffer.from(waiting.text);
  const { page, lines } = waiting;
  if (lines) return Buffer.from(viewsOf(page).map(requestLine).join(''));
  sealPage(page.bytes);
  return page.bytes;
}
