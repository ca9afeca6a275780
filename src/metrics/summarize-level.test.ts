import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LevelRun, RequestRecord } from '../model/index.ts';
import { keysOf, metricDefinitions, metricKeys, summarizeLevel } from './index.ts';
import { constantServer, failedRecord, levelOf, okRecord } from './records.fixture.ts';

const options = { slo: null, seed: 1, resamples: 100 };
const valuesOf = (run: LevelRun) => summarizeLevel(run, options).values;

describe('one stream, by hand', () => {
  // 100 ms prefill, then 40 ms steps of 4 tokens: 1 + 10 x 4 = 41 tokens.
  const stream = [
    { atUs: 100_000, tokens: 1 },
    ...Array.from({ length: 10 }, (_, i) => ({ atUs: 140_000 + i * 40_000, tokens: 4 })),
  ];

  it('chunks of 4 tokens: ITL 10 ms everywhere, ICL 40 ms, TPOT 10 ms', () => {
    const { values, chunkSizes, outcomes } = summarizeLevel(
      levelOf([okRecord(0, 0, stream)]),
      options,
    );
    expect(values).toMatchObject({
      ttft_mean_ms: 100,
      e2e_mean_ms: 500,
      itl_mean_ms: 10,
      itl_max_ms: 10,
      itl_stdev_ms: 0,
      icl_mean_ms: 40,
      tpot_mean_ms: 10,
      ntpot_mean_ms: 500 / 41,
      decode_rate_mean_tok_s: 100,
      prefill_rate_mean_tok_s: 400,
      tokens_per_chunk_mean: 41 / 11,
      coalesced_share: 0,
      output_tokens_total: 41,
      input_tokens_total: 40,
      throughput_tok_s: 82,
      input_tok_s: 80,
      total_tok_s: 162,
      requests_per_s: 2,
    });
    expect(chunkSizes).toEqual({ '1': 1, '4': 10 });
    expect(outcomes).toEqual({ ok: 1 });
  });

  it('a request without usage counts as the others do: asked for, by their rate of usage', () => {
    const cut = { outcome: 'cancelled', counted: false, inputTokensUsage: null } as const;
    const values = valuesOf(
      levelOf([
        okRecord(0, 0, stream, { inputTokensAsked: 80, inputTokensUsage: 40 }),
        okRecord(1, 0, stream, { ...cut, inputTokensAsked: 40 }),
      ]),
    );
    // 40 and 40 x 40 / 80 tokens in half a second.
    expect(values['input_tok_s']).toBe(120);
  });

  it('late send: response latency from the intended send, service latency from the actual one', () => {
    const values = valuesOf(levelOf([okRecord(0, 0, stream, { sentUs: 30_000 })]));
    expect(values).toMatchObject({
      ttft_mean_ms: 100,
      ttft_service_mean_ms: 70,
      e2e_mean_ms: 500,
      e2e_service_mean_ms: 470,
      dispatch_lag_mean_ms: 30,
    });
  });

  it('two chunks in one read: the gap of 0 stays and is reported as coalesced', () => {
    const values = valuesOf(
      levelOf([
        okRecord(0, 0, [
          { atUs: 50_000, tokens: 1, read: 0 },
          { atUs: 80_000, tokens: 1, read: 1 },
          { atUs: 80_000, tokens: 1, read: 1 },
          { atUs: 110_000, tokens: 2, read: 2 },
        ]),
      ]),
    );
    // Gaps 30, 0, and 30 shared by two tokens; TPOT 60 / (5 - 1).
    expect(values).toMatchObject({
      itl_mean_ms: 15,
      icl_mean_ms: 20,
      tpot_mean_ms: 15,
      coalesced_share: 1 / 3,
    });
  });

  it('a chunk that completed no token leaves its gap to the next', () => {
    const values = valuesOf(
      levelOf([
        okRecord(0, 0, [
          { atUs: 50_000, tokens: 1 },
          { atUs: 60_000, tokens: 0 },
          { atUs: 80_000, tokens: 1 },
        ]),
      ]),
    );
    expect(values).toMatchObject({ itl_mean_ms: 30, icl_mean_ms: 15, tpot_mean_ms: 30 });
  });

  it('everything in one chunk: a first token and an end, nothing per token', () => {
    const values = valuesOf(levelOf([okRecord(0, 0, [{ atUs: 50_000, tokens: 8 }])]));
    expect(values).toMatchObject({
      ttft_mean_ms: 50,
      e2e_mean_ms: 50,
      itl_mean_ms: null,
      icl_mean_ms: null,
      tpot_mean_ms: null,
      decode_rate_mean_tok_s: null,
      ntpot_mean_ms: 6.25,
      coalesced_share: null,
    });
  });

  it('says how much of the prompts came from the cache only where the server does', () => {
    const cached = okRecord(0, 0, stream, { cachedTokensUsage: 10 });
    const silent = okRecord(1, 10, stream);
    expect(valuesOf(levelOf([cached, silent])).cached_tokens_share).toBe(0.25);
    expect(valuesOf(levelOf([silent])).cached_tokens_share).toBeNull();
  });
});

describe('a constant server', () => {
  const run = constantServer(1200, 50_000, 4);
  const { values, intervals, flags } = summarizeLevel(run, options);

  it('measures as its constants at every statistic', () => {
    for (const [id, ms] of [
      ['ttft', 100],
      ['ttft_service', 100],
      ['e2e', 190],
      ['itl', 10],
      ['icl', 10],
      ['tpot', 10],
      ['ntpot', 19],
      ['dispatch_lag', 0],
    ] as const) {
      for (const statistic of ['mean', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99_9', 'max']) {
        expect(values[`${id}_${statistic}_ms`]).toBeCloseTo(ms, 9);
      }
      expect(values[`${id}_stdev_ms`]).toBeCloseTo(0, 9);
      expect(values[`${id}_tail_ratio`]).toBe(ms === 0 ? null : 1);
    }
    expect(values.ttft_p99_adj_ms).toBe(100);
    expect(intervals.ttft_p99_adj_ms).toEqual(intervals.ttft_p99_ms);
  });

  it('has its constants as intervals, except where no finite bound exists', () => {
    for (const key of ['ttft_mean_ms', 'ttft_p90_ms', 'itl_p50_ms', 'itl_p99_ms', 'e2e_p99_ms']) {
      const interval = intervals[key];
      expect(interval?.low).toBeCloseTo(values[key] as number, 9);
      expect(interval?.high).toBeCloseTo(values[key] as number, 9);
    }
    // 3688 requests at 1200 in 1199 x 50 ms.
    expect(intervals.ttft_p99_9_ms).toMatchObject({ low: null, reason: 'too-short' });
    const needed = intervals.ttft_p99_9_ms as { neededS: number };
    expect(needed.neededS).toBeCloseTo((3688 * 59.95) / 1200, 6);
    expect(intervals.ttft_max_ms).toBeUndefined();
    expect(flags).toMatchObject({ ttft_p99_9_ms: 'low-n' });
    expect(flags.ttft_p99_ms).toBeUndefined();
  });

  it('confirms the rates: what was sent is what arrives, but for the first latency', () => {
    expect(values.offered_rps).toBeCloseTo(20, 9);
    // 60.14 s; the tail's tokens that arrived inside are part of it.
    expect(values.requests_per_s).toBeCloseTo(1200 / 60.14, 6);
    expect(Math.abs((values.throughput_tok_s as number) / 200 - 1)).toBeLessThan(0.003);
    // Little: 20/s x 190 ms, less the ramp at the start.
    expect(Math.abs((values.concurrency_reached as number) / 3.8 - 1)).toBeLessThan(0.003);
    expect(values.requests_total).toBe(1200);
  });
});

describe('failures and cancellations', () => {
  const mixed = () => {
    const { records } = constantServer(100, 100_000);
    return levelOf(
      records.map((record, i) => (i % 10 === 3 ? failedRecord(i, record.intendedUs) : record)),
    );
  };

  it('stay out of the percentiles, and are infinite in the adjusted ones', () => {
    const { values, outcomes, flags, intervals } = summarizeLevel(mixed(), options);
    expect(values).toMatchObject({
      requests_total: 100,
      requests_ok: 90,
      requests_failed: 10,
      requests_cancelled: 0,
      error_share: 0.1,
      ttft_p50_ms: 100,
      ttft_max_ms: 100,
      ttft_p50_adj_ms: 100,
      ttft_p90_adj_ms: 'inf',
      ttft_p99_adj_ms: 'inf',
      ttft_p99_9_adj_ms: null,
      // 90 successes are too few for a p99.
      ttft_p99_ms: null,
      ttft_tail_ratio: null,
    });
    expect(outcomes).toEqual({ ok: 90, http_error: 10 });
    expect(flags.ttft_p99_adj_ms).toBe('low-n');
    expect(intervals.ttft_p90_adj_ms).toMatchObject({ low: null });
    expect(Object.values(values).some((value) => Number.isNaN(value))).toBe(false);
  });

  it('cancelled requests are neither ok nor failed', () => {
    const run = mixed();
    run.records[0] = failedRecord(0, 0, { outcome: 'cancelled' });
    expect(valuesOf(run)).toMatchObject({
      requests_ok: 89,
      requests_failed: 10,
      requests_cancelled: 1,
      error_share: 10 / 99,
    });
  });

  it('all failed: counts and shares, no latency, no rate of tokens', () => {
    const records = Array.from({ length: 30 }, (_, i) => failedRecord(i, i * 10_000));
    const values = valuesOf(levelOf(records));
    expect(values).toMatchObject({
      requests_ok: 0,
      requests_failed: 30,
      error_share: 1,
      ttft_mean_ms: null,
      ttft_p50_ms: null,
      ttft_p50_adj_ms: 'inf',
      throughput_tok_s: 0,
      output_tokens_total: 0,
    });
  });

  it('an empty level has every key and no number that it cannot have', () => {
    const { values, intervals } = summarizeLevel(levelOf([]), options);
    expect(Object.keys(values)).toEqual(metricKeys());
    expect(values).toMatchObject({
      requests_total: 0,
      error_share: null,
      ttft_mean_ms: null,
      throughput_tok_s: null,
      offered_rps: null,
      concurrency_reached: null,
    });
    expect(intervals.ttft_mean_ms).toEqual({
      low: null,
      high: null,
      reason: 'too-short',
      neededS: null,
    });
  });

  it('uncounted requests change no latency and no count', () => {
    const run = constantServer(50, 100_000);
    const slow = okRecord(50, 5_000_000, [{ atUs: 9_000_000, tokens: 1 }], { counted: false });
    const { values } = summarizeLevel({ ...run, records: [...run.records, slow] }, options);
    const without = valuesOf(run);
    for (const key of ['ttft_max_ms', 'e2e_mean_ms', 'requests_total', 'throughput_tok_s']) {
      expect(values[key]).toBe(without[key]);
    }
  });
});

describe('small samples', () => {
  it('percentiles begin at 1 / (1 - p) requests and are flagged below 10 / (1 - p)', () => {
    const at = (n: number) => summarizeLevel(constantServer(n, 100_000), options);
    expect(at(9).values.ttft_p90_ms).toBeNull();
    expect(at(10).values.ttft_p90_ms).toBe(100);
    expect(at(99).values.ttft_p99_ms).toBeNull();
    expect(at(100).values.ttft_p99_ms).toBe(100);
    expect(at(99).flags.ttft_p90_ms).toBe('low-n');
    expect(at(100).flags.ttft_p90_ms).toBeUndefined();
    // Pooled over tokens, yet of as many requests.
    expect(at(99).values.itl_p99_ms).toBeNull();
  });
});

describe('properties', () => {
  const request = fc.record({
    gapUs: fc.integer({ min: 0, max: 400_000 }),
    steps: fc.array(
      fc.record({
        us: fc.integer({ min: 0, max: 90_000 }),
        tokens: fc.integer({ min: 0, max: 5 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  const level = fc.array(request, { minLength: 1, maxLength: 60 }).map((requests) => {
    let at = 0;
    return requests.map(({ gapUs, steps, fails }, i): RequestRecord => {
      at += gapUs;
      if (fails) return failedRecord(i, at);
      let time = at + 1000;
      const chunks = steps.map(({ us, tokens }, k) => {
        time += us;
        return { atUs: time, tokens: k === 0 ? 1 : tokens };
      });
      return okRecord(i, at, chunks);
    });
  });

  it('percentiles grow with p and stay within the largest value', () => {
    fc.assert(
      fc.property(level, (records) => {
        const values = valuesOf(levelOf(records));
        for (const metric of metricDefinitions) {
          if (metric.kind !== 'distribution' || !metric.tailRatio) continue;
          const seen = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99_9', 'max']
            .map((statistic) => values[`${metric.id}_${statistic}_ms`])
            .filter((value) => typeof value === 'number');
          expect(seen).toEqual([...seen].sort((a, b) => a - b));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('the order of the records does not matter', () => {
    const shuffled = level.chain((records) =>
      fc.tuple(
        fc.constant(records),
        fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([records, other]) => {
        expect(summarizeLevel(levelOf(other), options)).toEqual(
          summarizeLevel(levelOf(records), options),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('the list of definitions', () => {
  it('has no key twice and a text for each', () => {
    expect(new Set(metricKeys()).size).toBe(metricKeys().length);
    for (const metric of metricDefinitions) {
      expect(metric.title && metric.description && metric.source && metric.unit).toBeTruthy();
      expect(keysOf(metric).length).toBeGreaterThan(0);
    }
  });

  it('holds the keys that the documents name', () => {
    expect(metricKeys()).toEqual(
      expect.arrayContaining([
        'ttft_p50_ms',
        'ttft_p99_ms',
        'ttft_p99_9_ms',
        'ttft_p99_adj_ms',
        'ttft_tail_ratio',
        'e2e_service_p95_ms',
        'itl_mean_ms',
        'tpot_p50_ms',
        'prefill_rate_p50_tok_s',
        'decode_rate_mean_tok_s',
        'throughput_tok_s',
        'goodput_req_s',
        'slo_attainment',
        'connect_p99_ms',
        'error_share',
      ]),
    );
  });
});
