import { describe, expect, it } from 'vitest';
import type { SloOutcome } from '../../model/index.ts';
import { makeEnvelope } from '../test-support.ts';
import { renderSummary } from './render-summary.ts';

const plain = { columns: 80, color: false };

describe('renderSummary', () => {
  it('prints the whole answer', () => {
    const text = renderSummary(makeEnvelope(), {
      ...plain,
      outputDir: './bench-results/01J7',
      htmlPath: './bench-results/01J7/report.html',
    });
    expect(text).toMatchInlineSnapshot(`
      "Run id:   01J7Q5C6ZK3V9M2T8W4X0Y1A2B
      Model:    smollm2-135m @ Q4_1 on Intel Xeon 8481C, 2 cores
      Engine:   llama.cpp b9001
      Load:     open, poisson | random-words | 128 tokens in, 64 out
      SLO:      llm.standard (TTFT <= 300 ms, TPOT <= 50 ms for 99 % of requests)

                                 1 req/s               2 req/s              4 req/s*
      TTFT p50, ms      96.2 [92.4, 101]       104 [99.8, 109]        142 [136, 149]
      TTFT p90, ms        125 [120, 131]        146 [140, 153]        209 [201, 220]
      TTFT p99, ms  160 [153, 168] low n  196 [188, 205] low n  290 [279, 305] low n
      ITL p50, ms      14.2 [13.6, 14.9]     15.9 [15.3, 16.7]     18.5 [17.8, 19.4]
      ITL p90, ms      18.5 [17.7, 19.4]     22.3 [21.4, 23.4]     27.3 [26.2, 28.7]
      ITL p99, ms      23.6 [22.6, 24.8]     29.9 [28.7, 31.4]     37.8 [36.3, 39.7]
      TPOT p50, ms     14.5 [13.9, 15.2]     16.2 [15.6, 17.0]     18.9 [18.1, 19.8]
      TPOT p90, ms     18.8 [18.1, 19.8]     22.7 [21.8, 23.8]     27.8 [26.7, 29.2]
      TPOT p99, ms     24.0 [23.1, 25.2]     30.5 [29.3, 32.0]     38.6 [37.0, 40.5]
      Output tok/s                  64.6                   127                   253
      Requests/s                    1.01                  1.98                  3.96
      In flight                     1.21                  2.60                  6.40
      Errors                  2 (0.66 %)            2 (0.66 %)            2 (0.66 %)
      SLO                            met                   met                   met

                                    6 req/s
      TTFT p50, ms           390 [374, 410]
      TTFT p90, ms           819 [786, 860]
      TTFT p99, ms  1334 [1280, 1400] low n
      ITL p50, ms           31 [29.8, 32.6]
      ITL p90, ms         65.1 [62.5, 68.4]
      ITL p99, ms            106 [102, 111]
      TPOT p50, ms        31.6 [30.4, 33.2]
      TPOT p90, ms        66.4 [63.7, 69.7]
      TPOT p99, ms           108 [104, 114]
      Output tok/s                      359
      Requests/s                       5.61
      In flight                        15.1
      Errors                     2 (0.66 %)
      SLO                           not met
      Failed at 1 req/s: timeout 2; 2 req/s: timeout 2; 4 req/s: timeout 2; 6 req/s:
                timeout 2
      — not measured; * headline level; [low, high] 95 % interval; low n: rests on too
      few requests

      Metrics at 4 req/s: 253 tok/s at 18.5 ms p50 ITL
        ttft_p50_ms           142 ms [136, 149]
        ttft_p90_ms           209 ms [201, 220]
        ttft_p99_ms           290 ms [279, 305]  low n
        itl_mean_ms           19.9 ms
        itl_p50_ms            18.5 ms [17.8, 19.4]
        itl_p99_ms            37.8 ms [36.3, 39.7]
        tpot_p50_ms           18.9 ms [18.1, 19.8]
        tpot_p99_ms           38.6 ms [37.0, 40.5]
        e2e_p50_ms            1308 ms [1255, 1373]
        e2e_p99_ms            2674 ms [2567, 2808]
        throughput_tok_s      253 tok/s
        requests_ok           300
        requests_failed       2
        error_share           0.66 %
        goodput_at_slo        3.96 req/s (4 planned)
        goodput_at_slo_tok_s  253 tok/s
        goodput_req_s         3.84 req/s
        slo_attainment        99.1 %
        power_avg_w           not measured
        joules_per_token      not measured
      client: ok | client error at p99: TTFT 0.5 ms, ITL 0.2 ms

      Findings
      warning client-shares-host: Client and engine share one host (2 CPUs, client 11
              % busy): latencies include their competition. Measure from another
              machine for absolute numbers.
      info    slo-missed (6 req/s): TTFT p99 1041 ms is over the limit of 300 ms.

      Result: ./bench-results/01J7
      Report: ./bench-results/01J7/report.html
      "
    `);
  });

  it('names every SLO, in the head, in the table, and beside what is of the first', () => {
    const full = makeEnvelope();
    const strict = { id: 'strict', ttftMs: 15, tpotMs: null, e2eMs: null, quantile: 0.9 };
    const levels = full.levels.map((level) => ({
      ...level,
      sloMet: false,
      slos: [
        { criterion: 'llm.standard', met: true },
        { criterion: 'strict', met: false },
      ] as SloOutcome[],
    }));
    const slos = full.slo === null ? [] : [full.slo, strict];
    const text = renderSummary({ ...full, slos, levels }, plain);
    expect(text).toContain('SLO:      strict (TTFT <= 15 ms for 90 % of requests)');
    expect(text).toMatch(/\nSLO +not met +not met/);
    expect(text).toMatch(/\nSLO llm.standard +met +met/);
    expect(text).toMatch(/\nSLO strict +not met +not met/);
    expect(text).toContain('slo_attainment        99.1 % (of llm.standard)');
  });

  it('does not call failed what this side cancelled', () => {
    const full = makeEnvelope();
    const levels = full.levels.map((level) => ({
      ...level,
      metrics: { ...level.metrics, outcomes: { ok: 9, cancelled: 89 } },
    }));
    const text = renderSummary({ ...full, levels: levels.slice(0, 1) }, plain);
    expect(text).not.toContain('Failed at');
    expect(text).toContain('Cancelled by us at 1 req/s: 89');
  });

  it.each([60, 80, 120, 200])('fits into %i columns', (columns) => {
    for (const line of renderSummary(makeEnvelope(), { columns, color: false }).split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it('says why there is no interval, and that it was a quick look', () => {
    const full = makeEnvelope();
    const metrics = {
      ...full.metrics,
      intervals: {
        ttft_p50_ms: { low: null, high: null, reason: 'too-short', neededS: 239.2 } as const,
      },
    };
    const levels = full.levels.map((level) => ({ ...level, metrics }));
    const text = renderSummary({ ...full, quickLook: true, levels, metrics }, plain);
    expect(text).toContain('QUICK LOOK');
    expect(text).toContain(
      'ttft_p50_ms           142 ms  (too short for an interval, 240 s would do)',
    );
    expect(text).toContain('no interval where a level is too short for one; 240 s a level');
  });

  it('shows what is missing as missing, never as zero', () => {
    const full = makeEnvelope();
    const level = full.levels[0] as (typeof full.levels)[number];
    const empty = { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: { reset: 9 } };
    const text = renderSummary(
      {
        ...full,
        status: 'failed',
        slo: null,
        engine: { ...full.engine, id: null },
        levels: [{ ...level, valid: false, sloMet: null, metrics: empty }],
        headline: 0,
        metrics: empty,
        error: { code: 'TARGET_NO_SUCCESS', message: 'all 9 failed', hint: 'see the log' },
      },
      plain,
    );
    expect(text).toContain('FAILED: no request succeeded.');
    expect(text).toContain('TARGET_NO_SUCCESS: all 9 failed');
    expect(text).toMatch(/TTFT p50, ms +—\n/);
    expect(text).toMatch(/ttft_p50_ms +not measured\n/);
    expect(text).toContain('Failed at 1 req/s: reset 9');
    expect(text).toMatch(/SLO +invalid\n/);
    expect(text).toContain('throughput not measured, latency between tokens not measured');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  it('colours only when asked, and never passes on escape sequences', () => {
    const full = makeEnvelope();
    const evil = { ...full, model: { ...full.model, asked: 'm\x1b]0;pwned\x07' } };
    expect(renderSummary(evil, plain)).not.toContain('\x1b');
    expect(renderSummary(evil, { columns: 80, color: true })).not.toContain('\x1b]');
    expect(renderSummary(full, { columns: 80, color: true })).toContain('\x1b[1m');
  });

  it('says how exact the client is on its host', () => {
    const errors = (meanMs: number, p99Ms: number) => ({ meanMs, p99Ms });
    const level = {
      load: 'closed 64 x 50 tok/s',
      tokensPerS: 3020,
      requests: 256,
      ttft: errors(0.21, 0.6),
      itl: errors(0.05, 0.34),
      e2e: errors(0.22, 0.71),
      send: { meanMs: null, p99Ms: null },
      inFlightAsked: 64,
      inFlightReached: 64,
      keptUp: true,
    };
    const open = { ...level, load: 'open 500 req/s', send: errors(0.1, 0.4), inFlightAsked: null };
    const { client } = makeEnvelope();
    const selftest = {
      schema: 'inferencebench.selftest.v1' as const,
      at: '2026-11-27T10:00:00.000Z',
      toolVersion: '0.1.0',
      hostnameHash: 'f00d',
      cpuCount: 2,
      transport: 'raw',
      levels: [level, { ...level, load: 'closed 512 x 50 tok/s', keptUp: false }, open],
      maxTokensPerS: 3020,
    };
    const text = renderSummary(makeEnvelope({ client: { ...client, selftest } }), plain);
    expect(text).toContain(
      'selftest of this host: keeps up with 3020 tok/s or more; at closed 64 x 50 tok/s TTFT off by 0.21 / 0.60 ms, ITL 0.05 / 0.34 ms, E2E 0.22 / 0.71 ms; at open 500 req/s sends late by 0.10 / 0.40 ms (mean / p99; raw, 2026-11-27)',
    );
    expect(renderSummary(makeEnvelope(), plain)).not.toContain('selftest');
  });

  it('names the launch of a level, in the table and in its findings', () => {
    const full = makeEnvelope();
    const [level] = full.levels;
    if (!level) throw new Error('no level');
    const finding = { code: 'x-y', severity: 'warning' as const, message: 'the same doubt' };
    const levels = [
      { ...level, findings: [finding] },
      { ...level, index: 1, launch: 2, role: 'sustained' as const, findings: [finding] },
      { ...level, index: 2, launch: 2, role: 'lower' as const, findings: [finding] },
    ];
    const text = renderSummary({ ...full, levels, findings: [], headline: 0 }, plain);
    expect(text).toContain('x-y (1 req/s, launch 1): the same doubt');
    expect(text).toContain('x-y (1 req/s, launch 2): the same doubt');
    expect(text).toContain('x-y (1 req/s sustained, launch 2): the same doubt');
    expect(text).toMatch(/ 1 req\/s sustained #2( |\n)/);
    // Alone, the only launch is not worth a word.
    expect(renderSummary({ ...full, levels: levels.slice(0, 1) }, plain)).not.toContain('launch');
  });

  it('says what the client was where no level counts', () => {
    const envelope = makeEnvelope();
    const client = { ...envelope.client, verdict: 'bottleneck' as const, reason: 'sends late' };
    const text = renderSummary({ ...envelope, headline: null, client }, plain);
    expect(text).toMatch(/No level to report\nclient: bottleneck \| sends late/);
  });

  it('says that a killed run has no verdict', () => {
    const envelope = makeEnvelope();
    const client = { ...envelope.client, verdict: null, reason: null };
    const text = renderSummary({ ...envelope, status: 'partial', client }, plain);
    expect(text).toContain('client: unknown (the run was killed');
  });
});
