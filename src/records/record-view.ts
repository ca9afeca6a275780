import type { ChunkColumns, Outcome, RequestRecord, TokenSource } from '../model/index.ts';
import { decodeChunks } from './decode-chunks.ts';
import { ChunkEncoder } from './encode-chunks.ts';
import { Column } from './record-columns.ts';
import type { RecordPage } from './record-page.ts';

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** What was set on a record after it ended. */
interface Changes {
  counted: boolean;
  tokenSource: TokenSource;
  outputTokensCounted: number | null;
  /** Encoded; null = as in the page. */
  chunks: Uint8Array | null;
}

/**
 * A request in a page, as a `RequestRecord`: some 50 bytes, whatever its chunks. Every field is a
 * getter of the class: `{ ...record }` and `structuredClone` give nothing, `toPlainRecord` and
 * `JSON.stringify` give all. `counted`, `tokenSource`, `outputTokensCounted`, `chunks` and
 * `chunks.tokens` may be set; the page stays as it is.
 */
export class RecordView implements RequestRecord {
  private page: RecordPage;
  private row: number;
  private changes: Changes | null;

  constructor(page: RecordPage, row: number) {
    this.page = page;
    this.row = row;
    this.changes = null;
  }

  /** Where the request lies as it is now; null once something was set. */
  get place(): { page: RecordPage; row: number } | null {
    return this.changes === null ? { page: this.page, row: this.row } : null;
  }

  /** What was set on it so far; another object after each change, null before the first. */
  get changed(): object | null {
    return this.changes;
  }

  /** Lies elsewhere from now on, with what was set on it in place. */
  moveTo(page: RecordPage, row: number): void {
    this.page = page;
    this.row = row;
    this.changes = null;
    if (latest?.owner === this) latest = null;
  }

  get level(): number {
    return this.page.number(Column.level, this.row);
  }
  get index(): number {
    return this.page.number(Column.index, this.row);
  }
  get requestId(): string {
    return this.page.requestId(this.row);
  }
  get counted(): boolean {
    return this.changes?.counted ?? this.page.number(Column.counted, this.row) === 1;
  }
  set counted(counted: boolean) {
    if (counted !== this.counted) this.change().counted = counted;
  }
  get intendedUs(): number {
    return this.page.number(Column.intendedUs, this.row);
  }
  get sentUs(): number | null {
    return orNull(this.page.number(Column.sentUs, this.row));
  }
  get connectUs(): number {
    return this.page.number(Column.connectUs, this.row);
  }
  get dnsUs(): number {
    return this.page.number(Column.dnsUs, this.row);
  }
  get tlsUs(): number {
    return this.page.number(Column.tlsUs, this.row);
  }
  get writtenUs(): number | null {
    return orNull(this.page.number(Column.writtenUs, this.row));
  }
  get targetIndex(): number {
    return this.page.number(Column.targetIndex, this.row);
  }
  get headersUs(): number | null {
    return orNull(this.page.number(Column.headersUs, this.row));
  }
  get firstByteUs(): number | null {
    return orNull(this.page.number(Column.firstByteUs, this.row));
  }
  get firstChunkUs(): number | null {
    return orNull(this.page.number(Column.firstChunkUs, this.row));
  }
  get firstTokenUs(): number | null {
    return orNull(this.page.number(Column.firstTokenUs, this.row));
  }
  get lastTokenUs(): number | null {
    return orNull(this.page.number(Column.lastTokenUs, this.row));
  }
  get endUs(): number {
    return this.page.number(Column.endUs, this.row);
  }
  get outcome(): Outcome {
    return this.page.text(Column.outcome, this.row) as Outcome;
  }
  get status(): number | null {
    return orNull(this.page.number(Column.status, this.row));
  }
  get error(): string | null {
    return this.page.text(Column.error, this.row);
  }
  get finishReason(): string | null {
    return this.page.text(Column.finishReason, this.row);
  }
  get done(): boolean {
    return this.page.number(Column.done, this.row) === 1;
  }
  get inputTokensAsked(): number {
    return this.page.number(Column.inputTokensAsked, this.row);
  }
  get outputTokensAsked(): number {
    return this.page.number(Column.outputTokensAsked, this.row);
  }
  get inputTokensUsage(): number | null {
    return orNull(this.page.number(Column.inputTokensUsage, this.row));
  }
  get outputTokensUsage(): number | null {
    return orNull(this.page.number(Column.outputTokensUsage, this.row));
  }
  get cachedTokensUsage(): number | null {
    return orNull(this.page.number(Column.cachedTokensUsage, this.row));
  }

  get outputTokensCounted(): number | null {
    if (this.changes !== null) return this.changes.outputTokensCounted;
    return orNull(this.page.number(Column.outputTokensCounted, this.row));
  }
  set outputTokensCounted(count: number | null) {
    this.change().outputTokensCounted = count;
  }

  get tokenSource(): TokenSource {
    if (this.changes !== null) return this.changes.tokenSource;
    return this.page.text(Column.tokenSource, this.row) as TokenSource;
  }
  set tokenSource(source: TokenSource) {
    this.change().tokenSource = source;
  }

  /** Decoded anew at each call but for the record that was asked last. */
  get chunks(): ChunkColumns {
    if (latest?.owner === this) return latest;
    const own = this.changes?.chunks ?? null;
    const columns = own === null ? this.page.chunks(this.row) : decodeChunks(own, 0, own.length);
    latest = new DecodedChunks(this, columns);
    return latest;
  }
  set chunks(chunks: ChunkColumns) {
    const encoder = new ChunkEncoder();
    encoder.add(chunks);
    this.change().chunks = encoder.bytes.slice(0, encoder.length);
    if (latest?.owner === this) latest = null;
  }

  /** Tokens of its first chunk; chunks are decoded only where these are not all of one token. */
  get firstChunkTokens(): number | null {
    const known = this.changes?.chunks ? undefined : this.page.firstTokens(this.row);
    return known === undefined ? (this.chunks.tokens[0] ?? null) : known;
  }

  /** Number of its chunks, without decoding them. */
  get chunkRows(): number {
    if (this.changes?.chunks) return this.chunks.atUs.length;
    return this.page.chunkRows(this.row);
  }

  toJSON(): RequestRecord {
    const { atUs, tokens, read, kind } = this.chunks;
    return {
      ...toPlainRecord(this),
      chunks: {
        atUs: Array.from(atUs),
        tokens: Array.from(tokens),
        read: Array.from(read),
        kind: Array.from(kind),
      },
    };
  }

  private change(): Changes {
    const { counted, tokenSource, outputTokensCounted } = this;
    const chunks = this.changes?.chunks ?? null;
    this.changes = { counted, tokenSource, outputTokensCounted, chunks };
    return this.changes;
  }
}

/** Columns of a view; what is set on them reaches the view. */
class DecodedChunks implements ChunkColumns {
  readonly owner: RecordView;
  readonly atUs: ArrayLike<number>;
  readonly read: ArrayLike<number>;
  readonly kind: ArrayLike<number>;
  private tokenCounts: ArrayLike<number>;

  constructor(owner: RecordView, { atUs, tokens, read, kind }: ChunkColumns) {
    this.owner = owner;
    this.atUs = atUs;
    this.tokenCounts = tokens;
    this.read = read;
    this.kind = kind;
  }

  get tokens(): ArrayLike<number> {
    return this.tokenCounts;
  }
  set tokens(tokens: ArrayLike<number>) {
    const { atUs, read, kind } = this;
    this.owner.chunks = { atUs, tokens, read, kind };
    this.tokenCounts = tokens;
  }
}

/** Of the record whose chunks were asked for last: most readers ask for one field at a time. */
let latest: DecodedChunks | null = null;

/** All requests of a page, in order. */
export function viewsOf(page: RecordPage): RecordView[] {
  return Array.from({ length: page.requests }, (_, row) => new RecordView(page, row));
}

/** A record of its own, with every field a property of the object, columns as they are. */
export function toPlainRecord(record: RequestRecord): RequestRecord {
  const { atUs, tokens, read, kind } = record.chunks;
  return {
    level: record.level,
    index: record.index,
    requestId: record.requestId,
    counted: record.counted,
    intendedUs: record.intendedUs,
    sentUs: record.sentUs,
    connectUs: record.connectUs,
    dnsUs: record.dnsUs ?? 0,
    tlsUs: record.tlsUs ?? 0,
    writtenUs: record.writtenUs ?? null,
    targetIndex: record.targetIndex ?? 0,
    headersUs: record.headersUs,
    firstByteUs: record.firstByteUs,
    firstChunkUs: record.firstChunkUs,
    firstTokenUs: record.firstTokenUs,
    lastTokenUs: record.lastTokenUs,
    endUs: record.endUs,
    outcome: record.outcome,
    status: record.status,
    error: record.error,
    finishReason: record.finishReason,
    done: record.done,
    inputTokensAsked: record.inputTokensAsked,
    outputTokensAsked: record.outputTokensAsked,
    inputTokensUsage: record.inputTokensUsage,
    outputTokensUsage: record.outputTokensUsage,
    cachedTokensUsage: record.cachedTokensUsage,
    outputTokensCounted: record.outputTokensCounted,
    tokenSource: record.tokenSource,
    chunks: { atUs, tokens, read, kind },
  };
}
