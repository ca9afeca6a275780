/**
 * What is known of one request, raw. Times are integer microseconds since the run's origin
 * on the monotonic clock, so that files hold exactly what memory held and every number can be
 * recomputed bit by bit.
 */
export interface RequestRecord {
  level: number;
  /** 0-based within the level's plan. */
  index: number;
  /** Sent to the server as `x-request-id`. */
  requestId: string;
  /** False for the tail (arrivals after the window) and for cancelled spare work. */
  counted: boolean;
  /** When the plan wanted it sent; in a closed loop the moment its slot became free. */
  intendedUs: number;
  /** Just before the request's first byte went to the socket; null if it never did. */
  sentUs: number | null;
  /** Time spent opening a connection inside this request, microseconds; 0 on a kept-alive one. */
  connectUs: number;
  /** Part of `connectUs` spent on name resolution; 0 for an address. Absent in old results: 0. */
  dnsUs?: number;
  /** Part of `connectUs` spent on the TLS handshake; 0 without TLS. Absent in old results: 0. */
  tlsUs?: number;
  /**
   * When the request's last byte had been handed to the kernel; null if it never was. Absent in
   * results that hold none: null.
   */
  writtenUs?: number | null;
  /** Which of the target's URLs it went to, from 0. Absent in old results: 0. */
  targetIndex?: number;
  headersUs: number | null;
  /** First byte of the response body. */
  firstByteUs: number | null;
  /** First SSE event that is a chunk of any kind (also role-only). */
  firstChunkUs: number | null;
  /** First chunk that carries a token. */
  firstTokenUs: number | null;
  /** Last chunk that carries a token. */
  lastTokenUs: number | null;
  /** End of the response, error or timeout. */
  endUs: number;
  outcome: Outcome;
  /** HTTP status; null when there was no response. */
  status: number | null;
  /** What went wrong, redacted, at most 500 characters; null when ok. */
  error: string | null;
  finishReason: string | null;
  /** `[DONE]` was seen. */
  done: boolean;
  inputTokensAsked: number;
  outputTokensAsked: number;
  /** As the server's usage says; null when it said nothing. */
  inputTokensUsage: number | null;
  outputTokensUsage: number | null;
  /** Prompt tokens that the server says came from its prefix cache; null when it said nothing. */
  cachedTokensUsage: number | null;
  /** Output tokens by the model's own tokenizer; null where none was at hand. */
  outputTokensCounted: number | null;
  /** How `chunks.tokens` was obtained. */
  tokenSource: TokenSource;
  chunks: ChunkColumns;
  /** `chunks.tokens[0]`, null without chunks, where the record tells it without decoding them. */
  readonly firstChunkTokens?: number | null;
}

/**
 * Columns of equal length, one row per token-bearing chunk in order of arrival. Plain arrays and
 * typed arrays both serve: writers may build them as they like, readers only index.
 */
export interface ChunkColumns {
  /** Integer microseconds since the run's origin. */
  atUs: ArrayLike<number>;
  /** Tokens in the chunk; 0 only where a tokenizer says that text completed no new token. */
  tokens: ArrayLike<number>;
  /** Network read that delivered the chunk, counted from 0 within the request: equal = coalesced. */
  read: ArrayLike<number>;
  /** A ChunkKind each. */
  kind: ArrayLike<number>;
}

/** content 0, reasoning 1, tool call 2, empty text whose running usage went up 3. */
export const ChunkKind = { content: 0, reasoning: 1, tool: 2, empty: 3 } as const;
export type ChunkKind = (typeof ChunkKind)[keyof typeof ChunkKind];

/**
 * continuous-usage: the server's running count on each chunk; tokenizer: growing prefixes of the
 * text, tokenised; one-per-chunk: chunks equal the final usage; assumed: nothing to check against,
 * one token per chunk assumed; none: no token arrived.
 */
export type TokenSource = 'continuous-usage' | 'tokenizer' | 'one-per-chunk' | 'assumed' | 'none';

/** How a request ended. Only `ok` counts as success; rate_limited: HTTP 429, overloaded: 503. */
export const outcomes = [
  'ok',
  'refused',
  'connect_timeout',
  'http_error',
  'rate_limited',
  'overloaded',
  'model_not_found',
  'not_sse',
  'stream_error',
  'truncated',
  'no_tokens',
  'first_token_timeout',
  'timeout',
  'reset',
  'cancelled',
] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * The final output token count: the server's usage where it gave one, else the tokenizer's,
 * else the sum over chunks; null when no token arrived and nobody counted.
 */
export function outputTokensOf(
  record: Pick<RequestRecord, 'outputTokensUsage' | 'outputTokensCounted' | 'chunks'>,
): number | null {
  if (record.outputTokensUsage !== null) return record.outputTokensUsage;
  if (record.outputTokensCounted !== null) return record.outputTokensCounted;
  if (record.chunks.tokens.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < record.chunks.tokens.length; i++) sum += record.chunks.tokens[i] ?? 0;
  return sum;
}

/** Tokens of the first chunk; null without one. */
export function firstChunkTokensOf(record: RequestRecord): number | null {
  const told = record.firstChunkTokens;
  return told === undefined ? (record.chunks.tokens[0] ?? null) : told;
}
