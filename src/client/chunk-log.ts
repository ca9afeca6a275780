import type { ChunkKind } from '../model/index.ts';

/** Other than `no`: the chunk counts as a token only if that makes chunks equal the usage. */
export const Candidate = { no: 0, empty: 1, emptyFinish: 2 } as const;
export type Candidate = (typeof Candidate)[keyof typeof Candidate];

/** In the place of a chunk's own count where the server gave none. */
export const notCounted = -1;

/** Numbers a row: stamp; read, kind and count packed; end of its raw text. */
const stride = 3;
/** Counts of 0 and 1 are packed with the rest. */
const CountClass = { none: 0, zero: 1, one: 2, other: 3 } as const;

/**
 * The chunks of one stream that bear a token or may turn out to, one row each, and the text that
 * nobody has read yet. Grows, and is used again by the next stream.
 *
 * One object and two buffers hold it all: with hundreds of streams in flight every further place
 * in memory that a token touches is a cache miss, and those, not instructions, are its cost.
 */
export class ChunkLog {
  rows = 0;
  /** Rows whose candidate is not `no`. */
  candidates = 0;
  /** What raw text belongs to; choice -1 before the first of it. */
  rawChoice = -1;
  rawKind: ChunkKind = 0;
  private cells = new Float64Array(48 * stride);
  private raw = Buffer.allocUnsafeSlow(512);
  private rawLength = 0;
  /** Rows with a count above 1, and candidates. */
  private readonly odd = new Map<number, { counted: number; candidate: Candidate }>();

  clear(): void {
    this.rows = 0;
    this.candidates = 0;
    this.rawChoice = -1;
    this.rawLength = 0;
    if (this.odd.size > 0) this.odd.clear();
  }

  /** @param counted tokens by the server's own count on the chunk, or `notCounted` */
  add(atUs: number, read: number, kind: ChunkKind, counted: number, candidate: Candidate): void {
    let count: number = counted + 1;
    if (counted > 1 || candidate !== Candidate.no) {
      count = CountClass.other;
      this.odd.set(this.rows, { counted, candidate });
      if (candidate !== Candidate.no) this.candidates++;
    }
    this.put(atUs, read * 16 + kind * 4 + count, -1);
  }

  /** A row with raw text, bytes[from, to), of `rawChoice` and `rawKind`. */
  addRaw(
    atUs: number,
    read: number,
    counted: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const length = to - from;
    const start = this.rawLength;
    const end = start + length;
    if (end > this.raw.length) this.growRaw(end);
    const target = this.raw;
    // Shorter than a call of the copying function is worth.
    if (length < 32) for (let i = 0; i < length; i++) target[start + i] = bytes[from + i] as number;
    else target.set(bytes.subarray(from, to), start);
    this.rawLength = end;
    let count: number = counted + 1;
    if (counted > 1) {
      count = CountClass.other;
      this.odd.set(this.rows, { counted, candidate: Candidate.no });
    }
    this.put(atUs, read * 16 + this.rawKind * 4 + count, end);
  }

  atUs(row: number): number {
    return this.cells[row * stride] ?? 0;
  }

  read(row: number): number {
    return Math.floor((this.cells[row * stride + 1] ?? 0) / 16);
  }

  kind(row: number): ChunkKind {
    return (((this.cells[row * stride + 1] ?? 0) >> 2) & 3) as ChunkKind;
  }

  counted(row: number): number {
    const count = (this.cells[row * stride + 1] ?? 0) & 3;
    return count === CountClass.other ? (this.odd.get(row)?.counted ?? 0) : count - 1;
  }

  candidate(row: number): Candidate {
    return this.odd.get(row)?.candidate ?? Candidate.no;
  }

  /**
   * Stamps and reads of the first rows, where these are all of kind 0 and, unless `anyCount`, of one
   * token each; else null. One loop over memory that was just written: it runs for every request.
   */
  readPlain(
    rows: number,
    anyCount: boolean,
  ): { atUs: Float64Array; read: Uint32Array; firstRead: number; isEveryRead: boolean } | null {
    const { cells } = this;
    const atUs = new Float64Array(rows);
    const read = new Uint32Array(rows);
    const firstRead = Math.floor((cells[1] ?? 0) / 16);
    let isEveryRead = true;
    for (let row = 0, at = 0; row < rows; row++, at += stride) {
      const packed = cells[at + 1] as number;
      if ((packed & 12) !== 0 || (!anyCount && (packed & 3) !== CountClass.one)) return null;
      const number = Math.floor(packed / 16);
      if (number !== firstRead + row) isEveryRead = false;
      atUs[row] = cells[at] as number;
      read[row] = number;
    }
    return { atUs, read, firstRead, isEveryRead };
  }

  /** The raw text so far, and for each row where its own ends: -1 = it has none. */
  copyRaw(): { bytes: Uint8Array<ArrayBuffer>; ends: Int32Array<ArrayBuffer> } {
    const ends = new Int32Array(this.rows);
    for (let row = 0; row < this.rows; row++) ends[row] = this.cells[row * stride + 2] ?? -1;
    // Memory of its own: a message to another thread takes all that a buffer lies in.
    const bytes = new Uint8Array(this.rawLength);
    bytes.set(this.raw.subarray(0, this.rawLength));
    return { bytes, ends };
  }

  private put(atUs: number, packed: number, rawEnd: number): void {
    const at = this.rows * stride;
    if (at === this.cells.length) this.growCells();
    const { cells } = this;
    cells[at] = atUs;
    cells[at + 1] = packed;
    cells[at + 2] = rawEnd;
    this.rows++;
  }

  private growCells(): void {
    const larger = new Float64Array(this.cells.length * 2);
    larger.set(this.cells);
    this.cells = larger;
  }

  private growRaw(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.raw.length * 2));
    this.raw.copy(larger, 0, 0, this.rawLength);
    this.raw = larger;
  }
}
