import { describe, expect, it } from 'vitest';
import type { SloTemplate } from '../model/index.ts';
import { isShortOutput, isSloMet, requestMeetsSlo, summarizeLevel } from './index.ts';
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

describe('isSloMet', () => {
  const withMisses = (misses: number) => {
    const { records } = constantServer(100, 100_000);
    return levelOf(records.map((r, i) => (i < misses ? failedRecord(i, r.intendedUs) : r)));
  };

  it('allows one miss in a hundred for a p99 limit', () => {
    expect(isSloMet(withMisses(1), limits({ ttftMs: 100 }))).toBe(true);
    expect(isSloMet(withMisses(2), limits({ ttftMs: 100 }))).toBe(false);
  });

  it('is unknown without a template and without requests', () => {
    expect(isSloMet(withMisses(0), null)).toBeNull();
    expect(isSloMet(levelOf([]), limits({}))).toBeNull();
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
