import type { LevelRun, RequestRecord } from '../model/index.ts';

/** A request that succeeded with chunks at the given times; everything can be overridden. */
export function okRecord(
  index: number,
  intendedUs: number,
  chunks: readonly { atUs: number; tokens: number; read?: number }[],
  changes: Partial<RequestRecord> = {},
): RequestRecord {
  const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
  const lastUs = chunks.at(-1)?.atUs ?? intendedUs;
  return {
    level: 0,
    index,
    requestId: `r${index}`,
    counted: true,
    intendedUs,
    sentUs: intendedUs,
    connectUs: 0,
    headersUs: chunks[0]?.atUs ?? null,
    firstByteUs: chunks[0]?.atUs ?? null,
    firstChunkUs: chunks[0]?.atUs ?? null,
    firstTokenUs: chunks[0]?.atUs ?? null,
    lastTokenUs: chunks.at(-1)?.atUs ?? null,
    endUs: lastUs,
    outcome: 'ok',
    status: 200,
    error: null,
    finishReason: 'length',
    done: true,
    inputTokensAsked: 32,
    outputTokensAsked: tokens,
    inputTokensUsage: 40,
    outputTokensUsage: tokens,
    cachedTokensUsage: null,
    outputTokensCounted: null,
    tokenSource: 'continuous-usage',
    chunks: {
      atUs: chunks.map(({ atUs }) => atUs),
      tokens: chunks.map((chunk) => chunk.tokens),
      read: chunks.map(({ read }, i) => read ?? i),
      kind: chunks.map(() => 0),
    },
    ...changes,
  };
}

/** A request that got nothing back. */
export function failedRecord(
  index: number,
  intendedUs: number,
  changes: Partial<RequestRecord> = {},
): RequestRecord {
  return okRecord(index, intendedUs, [], {
    outcome: 'http_error',
    status: 500,
    endUs: intendedUs + 1000,
    inputTokensUsage: null,
    outputTokensUsage: null,
    tokenSource: 'none',
    ...changes,
  });
}

/** A level whose window ends at the last counted intended send. */
export function levelOf(records: RequestRecord[], changes: Partial<LevelRun> = {}): LevelRun {
  const counted = records.filter((record) => record.counted);
  return {
    index: 0,
    load: {
      kind: 'open',
      rateRps: 1,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'constant',
    },
    startUs: 0,
    windowStartUs: 0,
    windowEndUs: Math.max(0, ...counted.map(({ intendedUs }) => intendedUs)),
    endUs: Math.max(0, ...counted.map(({ endUs }) => endUs)),
    planHash: 'plan',
    requestsPlanned: counted.length,
    status: 'complete',
    records,
    findings: [],
    ...changes,
  };
}

/** A server with 100 ms to the first token and 10 ms for each of 9 more, at a constant rate. */
export function constantServer(counted: number, gapUs: number, tail = 0): LevelRun {
  const records = Array.from({ length: counted + tail }, (_, i) => {
    const at = i * gapUs;
    const chunks = Array.from({ length: 10 }, (_, k) => ({
      atUs: at + 100_000 + k * 10_000,
      tokens: 1,
    }));
    return okRecord(i, at, chunks, { counted: i < counted });
  });
  return levelOf(records);
}
