import { describe, expect, it } from 'vitest';
import type { LevelMetrics, LevelRun, RequestRecord } from '../model/index.ts';
import { judgeLevel } from './judge-level.ts';

const record = (over: Partial<RequestRecord> = {}): RequestRecord =>
  ({
    counted: true,
    intendedUs: 0,
    sentUs: 100,
    connectUs: 0,
    outcome: 'ok',
    done: true,
    tokenSource: 'continuous-usage',
    outputTokensUsage: 4,
    chunks: { atUs: [1, 2, 3, 4], tokens: [1, 1, 1, 1], read: [0, 1, 2, 3], kind: [0, 0, 0, 0] },
    ...over,
  }) as RequestRecord;

function codes(
  records: RequestRecord[],
  values: LevelMetrics['values'] = {},
  load: Partial<LevelRun['load']> = {},
  disagreement: number | null = null,
  malformed = 0,
): string[] {
  const run = {
    index: 3,
    load: { kind: 'open', maxConcurrency: null, concurrencyAsked: null, ...load },
    records,
  } as unknown as LevelRun;
  const metrics = { values, outcomes: { ok: 9, timeout: 1 } } as unknown as LevelMetrics;
  const source = 'server /tokenize';
  const tokenCheck = { source, requestsChecked: 5, disagreement, malformed, changed: [] };
  const findings = judgeLevel(run, metrics, {
    maxErrorShare: 0.01,
    tokenCheck,
    client: null,
    allowClientBottleneck: false,
  });
  expect(findings.every((finding) => finding.level === 3)).toBe(true);
  return findings.map((finding) => `${finding.code} ${finding.severity}`);
}

describe('judgeLevel', () => {
  it('has nothing to say about a clean level', () => {
    expect(
      codes([record()], { error_share: 0, dispatch_lag_p99_ms: 0.2, ttft_p50_ms: 20 }),
    ).toEqual([]);
  });
  it.each<[string, () => string[]]>([
    ['error-share-high invalid', () => codes([record()], { error_share: 0.1 })],
    [
      'dispatch-lag-high warning',
      () => codes([record()], { dispatch_lag_p99_ms: 12, ttft_p50_ms: 30 }),
    ],
    ['waited-for-slot warning', () => codes([record({ sentUs: 9000 })], {}, { maxConcurrency: 1 })],
    [
      'concurrency-off info',
      () => codes([record()], { concurrency_reached: 3 }, { concurrencyAsked: 4 }),
    ],
    ['malformed-events warning', () => codes([record()], {}, {}, null, 2)],
    ['connect-inside-request info', () => codes([record({ connectUs: 400 }), record()])],
    ['connect-inside-request warning', () => codes([record({ connectUs: 40_000 }), record()])],
    ['short-outputs warning', () => codes([record()], { requests_short: 1, requests_ok: 2 })],
    ['no-done-marker info', () => codes([record({ done: false })])],
    ['prefix-cache-hits warning', () => codes([record()], { cached_tokens_share: 0.4 })],
    ['coalesced-chunks info', () => codes([record()], { coalesced_share: 0.3 })],
    ['tokens-assumed warning', () => codes([record({ tokenSource: 'assumed' })])],
    [
      'rate-limited warning',
      () => codes([record(), record({ outcome: 'rate_limited', error: '' })]),
    ],
    ['server-overloaded warning', () => codes([record({ outcome: 'overloaded', error: null })])],
    ['token-count-disagreement warning', () => codes([record()], {}, {}, 0.05)],
  ])('%s', (expected, judge) => {
    expect(judge()).toEqual([expected]);
  });
  it('names the limit that was met, and what was let through', () => {
    const error =
      'HTTP 429 (retry-after: 7 s; x-ratelimit-limit-requests: 60): Rate limit reached.';
    const run = {
      index: 0,
      load: { kind: 'open', rateRps: 4, maxConcurrency: null, concurrencyAsked: null },
      windowStartUs: 0,
      windowEndUs: 2e6,
      records: [record(), record(), record(), record({ outcome: 'rate_limited', error })],
    } as unknown as LevelRun;
    const metrics = { values: { requests_total: 4 }, outcomes: {} } as unknown as LevelMetrics;
    const [finding] = judgeLevel(run, metrics, {
      ...{ maxErrorShare: 1, tokenCheck: null, client: null, allowClientBottleneck: false },
    });
    expect(finding?.message).toBe(
      'the server refused 1 of 4 requests with HTTP 429, its rate limit; it said: x-ratelimit-limit-requests: 60, retry after 7 s. They count as failures and were not sent again. Lower --rate (1.5 req/s were let through), or have the limit raised.',
    );
  });
  it('keeps quiet just below each limit', () => {
    expect(codes([record()], { error_share: 0.01 })).toEqual([]);
    expect(codes([record()], { dispatch_lag_p99_ms: 4.9, ttft_p50_ms: 30 })).toEqual([]);
    expect(codes([record()], {}, {}, 0.02)).toEqual([]);
    expect(codes([record({ connectUs: 400 })])).toEqual([]);
  });
});
