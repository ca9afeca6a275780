/**
 * The columns of a page of records.bin by their ids, which are for ever: later versions append.
 * Texts are numbers into the page's list of texts. `chunksEnd` is where a request's chunks end in
 * the page's chunk bytes; they begin where those of the request before end.
 */
export const Column = {
  level: 0,
  index: 1,
  requestId: 2,
  counted: 3,
  intendedUs: 4,
  sentUs: 5,
  connectUs: 6,
  dnsUs: 7,
  tlsUs: 8,
  writtenUs: 9,
  targetIndex: 10,
  headersUs: 11,
  firstByteUs: 12,
  firstChunkUs: 13,
  firstTokenUs: 14,
  lastTokenUs: 15,
  endUs: 16,
  outcome: 17,
  status: 18,
  error: 19,
  finishReason: 20,
  done: 21,
  inputTokensAsked: 22,
  outputTokensAsked: 23,
  inputTokensUsage: 24,
  outputTokensUsage: 25,
  cachedTokensUsage: 26,
  outputTokensCounted: 27,
  tokenSource: 28,
  chunksEnd: 29,
} as const;
export type Column = (typeof Column)[keyof typeof Column];

export const columnCount = 30;

/*
 * What follows a page's frame: columns u32 | texts start u32 | texts length u32 | chunks start u32,
 * counted from the start of the page, and a descriptor for each column:
 *   bytes a value u8 (0, 1, 2, 4 or 8) | 0 u24 | start u32 | base f64
 * 0 bytes: every value is the base. 1, 2, 4: an unsigned number to be added to the base, all bits
 * set = missing. 8: the value itself, f64. NaN = missing.
 */
export const layoutBytes = 16;
export const descriptorBytes = 16;
