import type { ChunkKind, TokenSource } from '../model/index.ts';

/** A chunk that bears a token, or may turn out to. */
export interface ChunkRow {
  atUs: number;
  read: number;
  kind: ChunkKind;
  /** Tokens by the server's own count on this chunk; null when it gave none. */
  counted: number | null;
  /** Other than `no`: counts as a token only if that makes chunks equal the usage. */
  candidate: 'no' | 'empty' | 'empty-finish';
}

/**
 * Decides about empty chunks without a running count: they are tokens that decode to nothing
 * (vLLM) exactly when chunks then equal the usage.
 */
export function settleCandidates(
  rows: readonly ChunkRow[],
  outputTokens: number | null,
): { kept: ChunkRow[]; renumber: number[]; promoted: number } {
  const sure = rows.filter((row) => row.candidate === 'no');
  const inner = rows.filter((row) => row.candidate !== 'empty-finish');
  const kept =
    outputTokens === null || sure.length >= outputTokens
      ? sure
      : ([inner, rows].find((set) => set.length === outputTokens) ?? sure);
  const position = new Map(kept.map((row, i) => [row, i]));
  return {
    kept: [...kept],
    renumber: rows.map((row) => position.get(row) ?? -1),
    promoted: kept.length - sure.length,
  };
}

/** Tokens of each chunk: the server's own running counts where they hold, else one each. */
export function settleTokens(
  rows: readonly ChunkRow[],
  outputTokens: number | null,
  promoted: boolean,
): { tokens: number[]; source: TokenSource } {
  if (rows.length === 0) return { tokens: [], source: 'none' };
  const ones = rows.map(() => 1);
  if (!promoted && rows.every((row) => row.counted !== null)) {
    const tokens = rows.map((row) => row.counted ?? 0);
    if (isCredible(tokens, outputTokens)) return { tokens, source: 'continuous-usage' };
  }
  return { tokens: ones, source: rows.length === outputTokens ? 'one-per-chunk' : 'assumed' };
}

/**
 * Running counts are believed when they end at the final usage (one token less is an end-of-text
 * token that only the total knows) and do move: some proxies repeat a zero, then tell all at once.
 */
function isCredible(tokens: readonly number[], outputTokens: number | null): boolean {
  const sum = tokens.reduce((x, y) => x + y, 0);
  const still = tokens.filter((n) => n === 0).length;
  if (sum === 0 || still * 2 > tokens.length) return false;
  return outputTokens === null || sum === outputTokens || sum === outputTokens - 1;
}
