import type { FaultKind } from './fault-spec.ts';

/**
 * What the server knows of one generation request. All `...Us` are microseconds on the server's
 * clock, stamped as things really happened (tokens just before the write that completes their
 * event), not as the model planned them.
 */
export interface TruthRecord {
  /** 1-based order of arrival. */
  number: number;
  /** The request's `x-request-id`; null when it sent none. */
  requestId: string | null;
  path: string;
  stream: boolean;
  /** Request head parsed. */
  receivedUs: number;
  /** Body read and handed to the engine; null when it never was. */
  queuedUs: number | null;
  /** Got its slot, by the model's own time. */
  startedUs: number | null;
  /** One entry per token chunk written. */
  tokens: { atUs: number; tokens: number }[];
  /** Response complete, cut, or the client gone; null while open. */
  endUs: number | null;
  promptTokens: number | null;
  cachedTokens: number;
  /** Tokens written so far; in the end all of them. */
  outputTokens: number;
  fault: FaultKind | null;
  status: number | null;
  /** open: not ended; cut: ended by a fault; disconnected: the client left first. */
  outcome: 'open' | 'complete' | 'refused' | 'cut' | 'disconnected';
}

export function createTruthRecord(
  number: number,
  head: Pick<TruthRecord, 'requestId' | 'path' | 'receivedUs'>,
): TruthRecord {
  return {
    number,
    ...head,
    stream: false,
    queuedUs: null,
    startedUs: null,
    tokens: [],
    endUs: null,
    promptTokens: null,
    cachedTokens: 0,
    outputTokens: 0,
    fault: null,
    status: null,
    outcome: 'open',
  };
}

/** One JSON object per line. */
export function formatTruthLog(records: readonly TruthRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The inverse of `formatTruthLog`. */
export function parseTruthLog(jsonl: string): TruthRecord[] {
  return jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TruthRecord);
}
