import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SloTemplate } from '../model/index.ts';
import {
  attainment,
  attainmentCurve,
  isShortOutput,
  requestMeetsSlo,
  summarizeLevel,
} from './index.ts';
import { constantServer, failedRecord, levelOf, okRecord } from './records.fixture.ts';

const limits = (changes: Partial<SloTemplate>): SloTemplate => ({
  id: 'own',
  ttftMs: null,
  tpotMs: null,
  e2eMs: null,
  quantile: 0.99,
  ...changes,
});

/** TTFT 100 ms, TPOT 20 ms, E2E 200 ms. */
const record = okRecord(0, 0, [
  { atUs: 100_000, tokens: 1 },
  { atUs: 200_000, tokens: 5 },
]);

describe('requestMeetsSlo', () => {
  it.each([
    [{ ttftMs: 100 }, true],
    [{ ttftMs: 99.9 }, false],
    [{ tpotMs: 20 }, true],
    [{ tpotMs: 19.9 }, false],
    [{ e2eMs: 200 }, true],
    [{ e2eMs: 199.9 }, false],
    [{}, true],
  ])('%j: %s', (changes, expected) => {
    expect(requestMeetsSlo(record, limits(changes))).toBe(expected);
  });

  it('counts from the intended send', () => {
    const late = { ...record, sentUs: 90_000 };
    expect(requestMeetsSlo(late, limits({ ttftMs: 50 }))).toBe(false);
  });

  it('a failure is a miss; a request without TPOT is within a limit on TPOT', () => {
    expect(requestMeetsSlo(failedRecord(0, 0), limits({}))).toBe(false);
    const single = okRecord(0, 0, [{ atUs: 1000, tokens: 3 }]);
    expect(requestMeetsSlo(single, limits({ tpotMs: 1 }))).toBe(true);
  });

  it('a cancelled request is a miss once a limit had passed, else undecided', () => {
    const cancelled = failedRecord(0, 0, { outcome: 'cancelled', endUs: 300_000 });
    expect(requestMeetsSlo(cancelled, limits({ ttftMs: 200 }))).toBe(false);
    expect(requestMeetsSlo(cancelled, limits({ ttftMs: 400 }))).toBeNull();
    expect(
      requestMeetsSlo({ ...cancelled, firstTokenUs: 1000 }, limits({ ttftMs: 200 })),
    ).toBeNull();
  });
});

describe('attainment', () => {
  const run = levelOf([
    record,
    // TTFT 300 ms, TPOT 5 ms, E2E 320 ms.
    okRecord(1, 0, [
      { atUs: 300_000, tokens: 1 },
      { atUs: 320_000, tokens: 4 },
    ]),
    // One token: no TPOT. TTFT = E2E = 50 ms.
    okRecord(2, 0, [{ atUs: 50_000, tokens: 1 }]),
    failedRecord(3, 0),
    failedRecord(4, 0, { outcome: 'cancelled', endUs: 150_000 }),
    okRecord(5, 0, [{ atUs: 9_000_000, tokens: 1 }], { counted: false }),
  ]);

  it('counts the requests within every limit, failures as misses, none that is undecided', () => {
    expect(attainment(run, limits({ ttftMs: 200 }))).toEqual({ ok: 2, total: 4 });
    expect(attainment(run, limits({ ttftMs: 200, tpotMs: 10 }))).toEqual({ ok: 1, total: 4 });
    // 150 ms without a token are past 100.
    expect(attainment(run, limits({ ttftMs: 100 }))).toEqual({ ok: 2, total: 5 });
    expect(attainment(levelOf([]), limits({}))).toEqual({ ok: 0, total: 0 });
  });

  it('is drawn over thresholds, in the order asked', () => {
    expect(attainmentCurve(run, 'ttft', [400, 100, 49])).toEqual([3 / 4, 2 / 5, 0]);
    expect(attainmentCurve(run, 'tpot', [1, 5, 20])).toEqual([1 / 4, 2 / 4, 3 / 4]);
    expect(attainmentCurve(run, 'e2e', [50, 199, 320])).toEqual([1 / 5, 1 / 4, 3 / 4]);
    expect(attainmentCurve(levelOf([]), 'ttft', [1])).toEqual([0]);
  });

  it('says at each threshold what an SLO with that limit alone says', () => {
    const request = fc.record({
      firstMs: fc.integer({ min: 1, max: 9 }),
      stepMs: fc.integer({ min: 0, max: 9 }),
      tokens: fc.integer({ min: 0, max: 3 }),
      outcome: fc.constantFrom('ok' as const, 'reset' as const, 'cancelled' as const),
    });
    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 20 }),
        fc.integer({ min: 0, max: 20 }),
        (requests, limitMs) => {
          const level = levelOf(
            requests.map(({ firstMs, stepMs, tokens, outcome }, i) =>
              okRecord(
                i,
                0,
                [
                  { atUs: firstMs * 1000, tokens: 1 },
                  { atUs: (firstMs + stepMs) * 1000, tokens },
                ],
                { outcome, ...(tokens === 0 ? { firstTokenUs: null, lastTokenUs: null } : {}) },
              ),
            ),
          );
          for (const metric of ['ttft', 'tpot', 'e2e'] as const) {
            const { ok, total } = attainment(level, limits({ [`${metric}Ms`]: limitMs }));
            expect(attainmentCurve(level, metric, [limitMs])).toEqual([
              total === 0 ? 0 : ok / total,
            ]);
          }
        },
      ),
    );
  });
});

describe('goodput', () => {
  const slo = limits({ ttftMs: 300 });

  it('is the request rate where every request is good, and less by what is not', () => {
    const run = constantServer(100, 100_000);
    const all = summarizeLevel(run, { slo, seed: 1, resamples: 50 }).values;
    expect(all.slo_attainment).toBe(1);
    expect(all.goodput_req_s).toBe(all.requests_per_s);
    expect(all.goodput_tok_s).toBeCloseTo(all.throughput_tok_s as number, 9);

    // A quarter of the outputs is one token short.
    run.records = run.records.map((r, i) => (i % 4 === 0 ? { ...r, outputTokensAsked: 11 } : r));
    const short = summarizeLevel(run, { slo, seed: 1, resamples: 50 }).values;
    expect(run.records.filter(isShortOutput)).toHaveLength(25);
    expect(short.requests_short).toBe(25);
    expect(short.requests_ok).toBe(100);
    expect(short.goodput_req_s).toBeCloseTo(0.75 * (all.goodput_req_s as number), 9);

    const natural = summarizeLevel(run, { slo, seed: 1, resamples: 50, lengthEnforced: false });
    expect(natural.values.requests_short).toBeNull();
    expect(natural.values.goodput_req_s).toBe(all.goodput_req_s);
  });

  it('is null without a template', () => {
    const { values } = summarizeLevel(constantServer(5, 1000), { slo: null, seed: 1 });
    expect(values).toMatchObject({
      goodput_req_s: null,
      goodput_tok_s: null,
      slo_attainment: null,
    });
  });
});
