import { detailsOf, type OutputText, rememberSent, type SentDetails } from '../client/index.ts';
import type { ChunkColumns, RequestRecord } from '../model/index.ts';

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/**
 * Finished requests on their way to another thread. Chunks of all of them lie one after the other
 * in each column, whose memory is handed over, not copied.
 */
export interface PackedRecords {
  records: PackedRecord[];
  atUs: Float64Array<ArrayBuffer>;
  tokens: Uint32Array<ArrayBuffer>;
  read: Uint32Array<ArrayBuffer>;
  kind: Uint8Array<ArrayBuffer>;
  /** Rows, lanes and ends of text segments, interleaved. */
  segments: Uint32Array<ArrayBuffer>;
}

interface PackedRecord extends Omit<RequestRecord, 'chunks'> {
  rows: number;
  lanes: OutputText['lanes'] | null;
  segments: number;
  notes: SentDetails['notes'] | null;
}

const segmentFields = 3;

/**
 * Text is kept for a check of token counts on a sample of 64 requests: each time that so many have
 * theirs, only every second of the following does. Unresolved chunks need it always.
 */
const textsPerHalving = 256;

/** Packs on the thread that received; one packer a level. */
export function createRecordPacker(): {
  pack(records: readonly RequestRecord[]): PackedRecords;
} {
  let texts = 0;
  return {
    pack(records) {
      const details = records.map((record) => {
        const own = detailsOf(record);
        const every = 2 ** Math.floor(texts / textsPerHalving);
        const keep = record.tokenSource === 'assumed' || record.index % every === 0;
        if (own && keep) texts += 1;
        // Read once: some senders put the text together only when it is asked for.
        return { notes: own?.notes ?? null, text: keep ? (own?.text ?? null) : null };
      });
      const rows = records.reduce((sum, { chunks }) => sum + chunks.atUs.length, 0);
      // Only growing prefixes need to know which chunk brought which text.
      const segmentsOf = (i: number) =>
        records[i]?.tokenSource === 'assumed' ? (details[i]?.text?.segments ?? []) : [];
      const segments = records.reduce((sum, _, i) => sum + segmentsOf(i).length, 0);
      const packed: PackedRecords = {
        records: [],
        atUs: new Float64Array(rows),
        tokens: new Uint32Array(rows),
        read: new Uint32Array(rows),
        kind: new Uint8Array(rows),
        segments: new Uint32Array(segments * segmentFields),
      };
      let row = 0;
      let field = 0;
      records.forEach(({ chunks, ...record }, i) => {
        const own = segmentsOf(i);
        packed.records.push({
          ...record,
          rows: chunks.atUs.length,
          lanes: details[i]?.text?.lanes ?? null,
          segments: own.length,
          notes: details[i]?.notes ?? null,
        });
        for (const column of ['atUs', 'tokens', 'read', 'kind'] as const) {
          packed[column].set(chunks[column], row);
        }
        row += chunks.atUs.length;
        for (const segment of own) {
          packed.segments[field++] = segment.row;
          packed.segments[field++] = segment.lane;
          packed.segments[field++] = segment.end;
        }
      });
      return packed;
    },
  };
}

/** The memory that a message may hand over. */
export function buffersOf({ atUs, tokens, read, kind, segments }: PackedRecords): ArrayBuffer[] {
  return [atUs, tokens, read, kind, segments].map((column) => column.buffer);
}

/** Records as they were, with their details; columns as narrow as their values allow. */
export function unpackRecords(packed: PackedRecords): RequestRecord[] {
  let row = 0;
  let field = 0;
  return packed.records.map(({ rows, lanes, segments, notes, ...rest }) => {
    const end = row + rows;
    const chunks: ChunkColumns = {
      atUs: narrow(packed.atUs.subarray(row, end)),
      tokens: narrow(packed.tokens.subarray(row, end)),
      read: narrow(packed.read.subarray(row, end)),
      kind: packed.kind.slice(row, end),
    };
    row = end;
    const record: RequestRecord = { ...rest, chunks };
    const fields = packed.segments.slice(field, field + segments * segmentFields);
    field += fields.length;
    if (notes !== null) {
      rememberSent(record, { notes, text: lazyText(lanes ?? [], fields) });
    }
    return record;
  });
}

/** Segments become objects only when somebody asks: there is one for each token. */
function lazyText(lanes: OutputText['lanes'], fields: Uint32Array): OutputText {
  return {
    lanes,
    get segments() {
      return Array.from({ length: fields.length / segmentFields }, (_, i) => ({
        row: fields[i * segmentFields] ?? 0,
        lane: fields[i * segmentFields + 1] ?? 0,
        end: fields[i * segmentFields + 2] ?? 0,
      }));
    },
  };
}

/** A copy in 1, 2, 4 or 8 bytes a value. */
function narrow(values: Float64Array | Uint32Array): Numbers | Uint8Array<ArrayBuffer> {
  let largest = 0;
  for (const value of values) {
    if (value > largest) largest = value;
    // Stamps are whole numbers; anything else keeps its width.
    if (value < 0 || !Number.isInteger(value)) return Float64Array.from(values);
  }
  if (largest < 2 ** 8) return Uint8Array.from(values);
  if (largest < 2 ** 16) return Uint16Array.from(values);
  return largest < 2 ** 32 ? Uint32Array.from(values) : Float64Array.from(values);
}
