import { describe, expect, it } from 'vitest';
import type { EngineReading, EngineSample, LevelRun, RequestRecord } from '../../model/index.ts';
import { summarizeEngine } from './summarize-engine.ts';

const second = 1_000_000;

const silent: EngineReading = {
  ...{ running: null, waiting: null, kvUse: null, preemptions: null, prefixHitTokens: null },
  ...{ prefixQueryTokens: null, promptTokens: null, generationTokens: null, draftTokens: null },
  ...{ acceptedTokens: null, acceptedShare: null, queue: null, prefill: null, decode: null },
  ...{ ttft: null, e2e: null },
};

const at = (atS: number, reading: Partial<EngineReading> | null): EngineSample => ({
  atUs: atS * second,
  tookMs: 2,
  reading: reading === null ? null : { ...silent, ...reading },
  reason: reading === null ? 'HTTP 503' : null,
});

/** Window from 2 s to 6 s, last end at 8 s. */
function level(records: Partial<RequestRecord>[] = []): LevelRun {
  return {
    index: 0,
    load: {
      ...{ kind: 'open', rateRps: 1, concurrencyAsked: null },
      ...{ maxConcurrency: null, arrival: 'poisson' },
    },
    ...{ startUs: 0, windowStartUs: 2 * second, windowEndUs: 6 * second, endUs: 8 * second },
    ...{ planHash: '', requestsPlanned: 0, status: 'complete', findings: [] },
    records: records as RequestRecord[],
  };
}

describe('summarizeEngine', () => {
  it('takes gauges and counters from the first to the last reading inside', () => {
    const samples = [
      at(1, { running: 90, waiting: 90, preemptions: 0, generationTokens: 0 }),
      at(2, { running: 2, waiting: 0, kvUse: 0.1, preemptions: 5, generationTokens: 100 }),
      at(4, { running: 4, waiting: 6, kvUse: 0.9, preemptions: 7, generationTokens: 500 }),
      at(5, null),
      // Behind the window, while its last requests end.
      at(7, { running: 3, waiting: 90, kvUse: 0.2, preemptions: 9, generationTokens: 1100 }),
      at(9, { running: 90, waiting: 90, preemptions: 99, generationTokens: 9999 }),
    ];
    expect(summarizeEngine(level(), samples)).toMatchObject({
      ...{ samples: 2, spanS: 2, reason: null },
      running: { mean: 3, max: 4 },
      waiting: { mean: 3, max: 6 },
      kvUse: { max: 0.9 },
      // Between 2 s and 4 s.
      ...{ preemptions: 2, generationTokensPerS: 200 },
      // Never told.
      ...{ promptTokensPerS: null, prefixHitShare: null, queueMs: null, ttft: null },
    });
  });

  it('goes on to the last end where the window is too short for two readings', () => {
    const samples = [at(5, { generationTokens: 100 }), at(7.5, { generationTokens: 350 })];
    expect(summarizeEngine(level(), samples)).toMatchObject({
      ...{ samples: 2, spanS: 2.5, generationTokensPerS: 100 },
    });
  });

  it('divides what grew: means of times, shares of hits and of drafts', () => {
    const samples = [
      at(3, {
        ...{ prefixHitTokens: 50, prefixQueryTokens: 100, draftTokens: 40, acceptedTokens: 4 },
        queue: { sumS: 1, count: 10 },
        decode: { sumS: 0, count: 0 },
      }),
      at(5, {
        ...{ prefixHitTokens: 80, prefixQueryTokens: 200, draftTokens: 60, acceptedTokens: 19 },
        queue: { sumS: 3, count: 14 },
        decode: { sumS: 0, count: 0 },
      }),
    ];
    expect(summarizeEngine(level(), samples)).toMatchObject({
      ...{ prefixHitShare: 0.3, acceptedShare: 0.75, queueMs: 500 },
      // Nothing decoded in between: no mean, not a mean of 0.
      decodeMs: null,
    });
  });

  it('compares the same requests from both ends', () => {
    const samples = [
      at(3, { ttft: { sumS: 0, count: 0 }, e2e: { sumS: 0, count: 0 } }),
      at(6, { ttft: { sumS: 0.8, count: 2 }, e2e: { sumS: 1, count: 1 } }),
    ];
    const ok = { outcome: 'ok' } as const;
    const records = [
      // First token and end before the first reading.
      { ...ok, sentUs: 2_000_000, firstTokenUs: 2_900_000, lastTokenUs: 2_990_000 },
      // 500 ms to the first token, which falls inside; 1200 ms to the last.
      { ...ok, sentUs: 3_000_000, firstTokenUs: 3_500_000, lastTokenUs: 4_200_000 },
      // 400 ms, ends outside.
      { ...ok, sentUs: 5_000_000, firstTokenUs: 5_400_000, lastTokenUs: 6_500_000 },
      { sentUs: null, firstTokenUs: null, lastTokenUs: null, outcome: 'refused' as const },
    ];
    const { ttft, e2e } = summarizeEngine(level(records), samples);
    expect(ttft).toMatchObject({ engineMs: 400, clientMs: 450, outsideMs: 50 });
    expect(ttft).toMatchObject({ engineRequests: 2, clientRequests: 2 });
    expect(e2e).toMatchObject({ engineMs: 1000, clientMs: 1200, clientRequests: 1 });
  });

  it('puts percentiles beside the buckets that grew between the readings', () => {
    const total = (sumS: number, ...counts: number[]) => ({
      sumS,
      count: counts.at(-1) ?? 0,
      buckets: [0.1, 0.2, 0.4].map((upToS, i) => ({ upToS, count: counts[i] ?? 0 })),
    });
    const samples = [
      // What was there before has its place in the last bucket.
      at(3, { ttft: total(50, 0, 0, 0, 50) }),
      at(6, { ttft: total(52, 2, 12, 14, 66) }),
    ];
    // Sent at 3 s, first tokens after 150, 160, ... 300 ms.
    const records = Array.from({ length: 16 }, (_, i) => ({
      ...{ outcome: 'ok' as const, sentUs: 3_000_000, lastTokenUs: 3_900_000 },
      firstTokenUs: 3_150_000 + 10_000 * i,
    }));
    const { ttft, e2e, tpot } = summarizeEngine(level(records), samples);
    expect(ttft).toMatchObject({ engineMs: 125, engineRequests: 16, clientRequests: 16 });
    // Of 16 the 8th: the client's is 150 + 70; the engine's is among the 10 of up to 200 ms. Beyond p90
    // there are too few. 5 of the client's are within 197 ms, 16 within 397: never more than 12 and 14,
    // but for the two over 400 ms.
    expect(ttft?.spread).toEqual({
      quantiles: [{ p: 0.5, clientMs: 220, engineLowMs: 100, engineHighMs: 200 }],
      ahead: { upToMs: 400, engineRequests: 14, clientRequests: 16 },
    });
    expect([e2e, tpot]).toEqual([null, null]);
  });

  it('knows no percentile of the unbounded bucket, nor of buckets that changed', () => {
    const total = (count: number, upToS: number, within: number) => ({
      ...{ sumS: 10 * count, count, buckets: [{ upToS, count: within }] },
    });
    const records = Array.from({ length: 10 }, () => ({
      ...{ outcome: 'ok' as const, sentUs: 3_000_000, firstTokenUs: 4_000_000 },
      lastTokenUs: 5_000_000,
    }));
    const spread = (from: number, to: number) =>
      summarizeEngine(level(records), [
        at(3, { e2e: total(0, from, 0) }),
        at(6, { e2e: total(10, to, 3) }),
      ]).e2e?.spread;
    expect(spread(0.5, 0.5)?.quantiles).toEqual([
      { p: 0.5, clientMs: 2000, engineLowMs: 500, engineHighMs: null },
    ]);
    expect(spread(0.5, 0.6)).toBeNull();
  });

  it('compares the rhythm of whole answers of two tokens and more', () => {
    const samples = [
      at(3, { tpot: { sumS: 0, count: 0, buckets: [{ upToS: 0.25, count: 0 }] } }),
      at(6, { tpot: { sumS: 0.2, count: 2, buckets: [{ upToS: 0.25, count: 0 }] } }),
    ];
    const answer = { outcome: 'ok' as const, sentUs: 3_000_000, firstTokenUs: 3_100_000 };
    const records = [
      { ...answer, lastTokenUs: 3_400_000, outputTokensUsage: 4 },
      { ...answer, lastTokenUs: 3_500_000, outputTokensUsage: 3 },
      { ...answer, lastTokenUs: 3_100_000, outputTokensUsage: 1 },
      { ...answer, lastTokenUs: 3_200_000, outputTokensUsage: 9, outcome: 'cancelled' as const },
    ];
    expect(summarizeEngine(level(records), samples).tpot).toMatchObject({
      ...{ engineMs: 100, clientMs: 150, outsideMs: 50, engineRequests: 2, clientRequests: 2 },
      // Both of the client's are within 250 ms: what was held back may come fast.
      spread: { quantiles: [], ahead: null },
    });
  });

  it('is unknown, never less, across a restart of the engine', () => {
    const grown = [at(3, { preemptions: 8 }), at(4, { preemptions: 0 }), at(5, { preemptions: 9 })];
    expect(summarizeEngine(level(), grown).preemptions).toBeNull();
    const lost = [at(3, { preemptions: 1 }), at(4, {}), at(5, { preemptions: 9 })];
    expect(summarizeEngine(level(), lost).preemptions).toBeNull();
  });

  it.each([
    ['no look fell into the level', [at(1, {}), at(9, {})], 'over before'],
    ['every look failed', [at(3, null)], 'HTTP 503'],
    ['there was one alone', [at(3, { running: 5 })], 'one reading'],
  ])('says why where %s', (_, samples, reason) => {
    const summary = summarizeEngine(level(), samples);
    expect(summary.reason).toContain(reason);
    expect(summary.spanS).toBeNull();
    expect(summary.running).toEqual(summary.samples === 1 ? { mean: 5, max: 5 } : null);
  });
});
