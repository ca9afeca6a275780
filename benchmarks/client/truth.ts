import { readFileSync } from 'node:fs';

/** What the mock knows of one request. Times are milliseconds since the mock's origin. */
export interface TrueRequest {
  seq: number;
  id: string;
  stream: boolean;
  aborted: boolean;
  /** Its first byte was seen. */
  receivedMs: number;
  /** Last write; null when the request never got there. */
  endMs: number | null;
  asked: number;
  /** Taken right before each token's write; empty when tokens were not logged. */
  writtenMs: Float64Array;
  /** When that write was due. */
  scheduledMs: Float64Array;
  sent: number;
}

export interface Truth {
  /** CLOCK_MONOTONIC, nanoseconds. */
  originNs: bigint;
  requests: TrueRequest[];
  peakInFlight: number;
  peakConnections: number;
  writes: number;
  blockedWrites: number;
  cpuS: number;
  freezeMs: { from: number; to: number } | null;
}

interface Line {
  seq: number;
  id: string;
  stream: boolean;
  aborted: boolean;
  firstNs: number;
  endNs: number;
  asked: number;
  sent: number;
  offset: number;
}

/** Reads the three files that mock-server writes at its end. */
export function readTruth(prefix: string): Truth {
  const summary = JSON.parse(readFileSync(`${prefix}.summary.json`, 'utf8'));
  const tokens = readDoubles(`${prefix}.tokens.f64`);
  const requests = readLines<Line>(`${prefix}.requests.jsonl`).map((line): TrueRequest => {
    const logged = line.offset >= 0 ? line.sent : 0;
    const writtenMs = new Float64Array(logged);
    const scheduledMs = new Float64Array(logged);
    for (let i = 0; i < logged; i++) {
      writtenMs[i] = (tokens[2 * (line.offset + i)] ?? Number.NaN) / 1e6;
      scheduledMs[i] = (tokens[2 * (line.offset + i) + 1] ?? Number.NaN) / 1e6;
    }
    return {
      seq: line.seq,
      id: line.id,
      stream: line.stream,
      aborted: line.aborted,
      receivedMs: line.firstNs / 1e6,
      endMs: line.endNs < 0 ? null : line.endNs / 1e6,
      asked: line.asked,
      sent: line.sent,
      writtenMs,
      scheduledMs,
    };
  });
  return {
    originNs: BigInt(summary.originNs),
    requests,
    peakInFlight: summary.peakInFlight,
    peakConnections: summary.peakConnections,
    writes: summary.writes,
    blockedWrites: summary.blockedWrites,
    cpuS: summary.cpuS,
    freezeMs:
      summary.freezeFromNs < 0
        ? null
        : { from: summary.freezeFromNs / 1e6, to: summary.freezeToNs / 1e6 },
  };
}

/** Lines of JSON as the C programs write them, taken at their word. */
export function readLines<Line>(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line));
}

export function readDoubles(path: string): Float64Array {
  const bytes = readFileSync(path);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
