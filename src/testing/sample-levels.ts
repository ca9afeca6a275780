import { createRng } from '../core/index.ts';
import type { LevelRun, Outcome, RequestRecord } from '../model/index.ts';

export interface SampleLevel {
  index?: number;
  rateRps?: number;
  /** Counted requests; two uncounted ones follow. */
  requests?: number;
  outputTokens?: number;
  ttftMs?: number;
  itlMs?: number;
  /** Outcome of request i; default all ok. */
  outcome?(index: number): Outcome;
}

/** A level of an invented server, from a fixed seed: the same arguments, the same records. */
export function createSampleLevel(shape: SampleLevel = {}): LevelRun {
  const { index = 0, rateRps = 2, requests = 30, outputTokens = 12 } = shape;
  const { ttftMs = 120, itlMs = 15, outcome = () => 'ok' as const } = shape;
  const rng = createRng(11, `sample level ${index}`);
  const startUs = 3_000_000 + index * 200_000_000;
  let intendedUs = startUs;
  const records = Array.from({ length: requests + 2 }, (_, i): RequestRecord => {
    intendedUs += Math.round((-Math.log(rng.nextOpen()) / rateRps) * 1e6);
    const atUs = [intendedUs + 300 + Math.round(ttftMs * 1000 * (0.7 + rng.next() ** 2))];
    while (atUs.length < outputTokens) {
      atUs.push((atUs.at(-1) ?? 0) + Math.round(itlMs * 1000 * (0.5 + rng.next())));
    }
    const record = okRecord(index, i, intendedUs, atUs);
    return { ...endedAs(record, outcome(i)), counted: i < requests };
  });
  return levelOf(index, rateRps, startUs, records);
}

/** Levels at the edges of what can happen; every metric and report has to take them. */
export const edgeLevels: readonly { name: string; run: LevelRun }[] = [
  { name: 'no request', run: levelOf(0, 1, 0, []) },
  { name: 'every request failed', run: createSampleLevel({ outcome: () => 'http_error' }) },
  { name: 'every request was cancelled', run: createSampleLevel({ outcome: () => 'cancelled' }) },
  { name: 'only the tail is there', run: tailOnly() },
  { name: 'one request', run: createSampleLevel({ requests: 1 }) },
  { name: 'one token each', run: createSampleLevel({ outputTokens: 1 }) },
  {
    name: 'some of each outcome',
    run: createSampleLevel({
      requests: 60,
      outcome: (i) => (['ok', 'ok', 'timeout', 'ok', 'reset', 'truncated'] as const)[i % 6] ?? 'ok',
    }),
  },
  { name: 'everything at one moment', run: atOneMoment() },
  { name: 'the server says no usage', run: withoutUsage() },
];

function okRecord(level: number, index: number, intendedUs: number, atUs: number[]): RequestRecord {
  const firstUs = atUs[0] ?? intendedUs;
  const lastUs = atUs.at(-1) ?? intendedUs;
  return {
    level,
    index,
    requestId: `sample-${level}-${index}`,
    counted: true,
    intendedUs,
    sentUs: intendedUs + 300,
    connectUs: 0,
    headersUs: firstUs - 100,
    firstByteUs: firstUs - 50,
    firstChunkUs: firstUs,
    firstTokenUs: firstUs,
    lastTokenUs: lastUs,
    endUs: lastUs + 400,
    outcome: 'ok',
    status: 200,
    error: null,
    finishReason: 'length',
    done: true,
    inputTokensAsked: 32,
    outputTokensAsked: atUs.length,
    inputTokensUsage: 32,
    outputTokensUsage: atUs.length,
    cachedTokensUsage: 0,
    outputTokensCounted: null,
    tokenSource: 'one-per-chunk',
    chunks: {
      atUs,
      tokens: atUs.map(() => 1),
      read: atUs.map((_, i) => i),
      kind: atUs.map(() => 0),
    },
  };
}

/** The same request, ended in another way: cut off where it had begun to answer, else silent. */
function endedAs(record: RequestRecord, outcome: Outcome): RequestRecord {
  if (outcome === 'ok') return record;
  const ended = { ...record, outcome, error: `ended as ${outcome}`, done: false };
  if (outcome === 'truncated') {
    return { ...ended, finishReason: null, outputTokensUsage: null, inputTokensUsage: null };
  }
  return {
    ...ended,
    status: outcome === 'http_error' ? 500 : null,
    headersUs: null,
    firstByteUs: null,
    firstChunkUs: null,
    firstTokenUs: null,
    lastTokenUs: null,
    finishReason: null,
    inputTokensUsage: null,
    outputTokensUsage: null,
    cachedTokensUsage: null,
    tokenSource: 'none',
    chunks: { atUs: [], tokens: [], read: [], kind: [] },
  };
}

function levelOf(
  index: number,
  rateRps: number,
  startUs: number,
  records: RequestRecord[],
): LevelRun {
  const counted = records.filter((record) => record.counted);
  return {
    index,
    load: {
      kind: 'open',
      rateRps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'poisson',
    },
    startUs,
    windowStartUs: startUs,
    windowEndUs: Math.max(startUs, ...counted.map(({ intendedUs }) => intendedUs + 1)),
    endUs: Math.max(startUs, ...counted.map(({ endUs }) => endUs)),
    planHash: 'a'.repeat(64),
    requestsPlanned: counted.length,
    status: 'complete',
    records,
    findings: [],
  };
}

function tailOnly(): LevelRun {
  const { records } = createSampleLevel();
  const tail = records.map((record) => ({ ...record, counted: false }));
  return levelOf(0, 2, 3_000_000, tail);
}

function atOneMoment(): LevelRun {
  const records = Array.from({ length: 5 }, (_, i) => ({
    ...okRecord(0, i, 1_000_000, [1_000_000, 1_000_000, 1_000_000]),
    sentUs: 1_000_000,
    endUs: 1_000_000,
  }));
  const level = levelOf(0, 1, 1_000_000, records);
  return { ...level, windowEndUs: 1_000_000, endUs: 1_000_000 };
}

function withoutUsage(): LevelRun {
  const level = createSampleLevel();
  return {
    ...level,
    records: level.records.map((record) => ({
      ...record,
      inputTokensUsage: null,
      outputTokensUsage: null,
      cachedTokensUsage: null,
      tokenSource: 'assumed',
    })),
  };
}
