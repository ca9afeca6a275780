import type { TokenSource } from '../model/index.ts';
import { Candidate, type ChunkLog, notCounted } from './chunk-log.ts';

/** What became of the rows of a stream, once its usage is known. */
export interface SettledChunks {
  /** The rows that bear a token, in order; null = every row. */
  kept: Int32Array | null;
  /** Empty chunks that became tokens. */
  promoted: number;
  source: TokenSource;
  /** The tokens of the kept rows are the server's running counts; else each row is one token. */
  counted: boolean;
}

/**
 * Decides about empty chunks without a running count: they are tokens that decode to nothing
 * (vLLM) exactly when chunks then equal the usage. Tokens of each chunk are the server's own
 * running counts where they hold, else one each.
 */
export function settleChunks(log: ChunkLog, outputTokens: number | null): SettledChunks {
  const { kept, promoted } = settleCandidates(log, outputTokens);
  const rows = kept?.length ?? log.rows;
  if (rows === 0) return { kept, promoted, source: 'none', counted: false };
  if (promoted === 0 && isCredible(log, kept, outputTokens)) {
    return { kept, promoted, source: 'continuous-usage', counted: true };
  }
  const source = rows === outputTokens ? 'one-per-chunk' : 'assumed';
  return { kept, promoted, source, counted: false };
}

function settleCandidates(
  log: ChunkLog,
  outputTokens: number | null,
): { kept: Int32Array | null; promoted: number } {
  if (log.candidates === 0) return { kept: null, promoted: 0 };
  const sure = log.rows - log.candidates;
  if (outputTokens !== null && sure < outputTokens) {
    const inner = rowsBelow(log, Candidate.emptyFinish);
    if (inner.length === outputTokens) return { kept: inner, promoted: inner.length - sure };
    if (log.rows === outputTokens) return { kept: null, promoted: log.candidates };
  }
  return { kept: rowsBelow(log, Candidate.empty), promoted: 0 };
}

/** Numbers of the rows whose candidate is less than `limit`. */
function rowsBelow(log: ChunkLog, limit: Candidate): Int32Array {
  const rows = new Int32Array(log.rows);
  let count = 0;
  for (let row = 0; row < log.rows; row++) {
    if (log.candidate(row) < limit) rows[count++] = row;
  }
  return rows.slice(0, count);
}

/**
 * Running counts are believed when they end at the final usage (one token less is an end-of-text
 * token that only the total knows) and do move: some proxies repeat a zero, then tell all at once.
 */
function isCredible(log: ChunkLog, kept: Int32Array | null, outputTokens: number | null): boolean {
  const rows = kept?.length ?? log.rows;
  let sum = 0;
  let still = 0;
  for (let i = 0; i < rows; i++) {
    const tokens = log.counted(kept === null ? i : (kept[i] ?? 0));
    if (tokens === notCounted) return false;
    if (tokens === 0) still++;
    sum += tokens;
  }
  if (sum === 0 || still * 2 > rows) return false;
  return outputTokens === null || sum === outputTokens || sum === outputTokens - 1;
}
