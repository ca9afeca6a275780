import { describe, expect, it } from 'vitest';
import type { RequestRecord, SloOutcome, SloTemplate } from '../model/index.ts';
import { isDecided, judgeSlo, meetsEverySlo, requestsToProve, sloCriteria } from './judge-slos.ts';

const slo: SloTemplate = { id: 'own', ttftMs: 100, tpotMs: 20, e2eMs: null, quantile: 0.99 };

/** `hits` requests within the limits, then `misses` with a late first token. */
function requests(hits: number, misses: number, over: Partial<RequestRecord> = {}) {
  const record = (ttftUs: number): RequestRecord =>
    ({
      counted: true,
      outcome: 'ok',
      intendedUs: 0,
      sentUs: 0,
      firstTokenUs: ttftUs,
      lastTokenUs: ttftUs + 10_000,
      endUs: ttftUs + 10_000,
      outputTokensUsage: 2,
      outputTokensAsked: 2,
      tokenSource: 'continuous-usage',
      chunks: { atUs: [ttftUs, ttftUs + 10_000], tokens: [1, 1], read: [0, 1], kind: [0, 0] },
      ...over,
    }) as RequestRecord;
  return [
    ...Array.from({ length: hits }, () => record(50_000)),
    ...Array.from({ length: misses }, () => record(150_000)),
  ];
}

const judge = (hits: number, misses: number) => {
  const [whole] = sloCriteria([slo]);
  if (whole === undefined) throw new Error('no criterion');
  return judgeSlo(requests(hits, misses), whole);
};

describe('judgeSlo', () => {
  // Bounds: scipy 1.17.1 beta.ppf(0.05, k, n - k + 1) and beta.ppf(0.95, k + 1, n - k).
  it.each([
    [299, 0, 'proven', 0.9900308532071007, 1],
    [298, 0, 'not-proven', 0.9899975675623223, 1],
    [473, 1, 'proven', 0.9900312846638502, 0.9998917921536518],
    [472, 1, 'proven', 0.9900102925257753, 0.9998915633968246],
    [97, 3, 'not-proven', 0.92428920625017, 0.9917741708923473],
    [95, 5, 'refuted', 0.8977466223567255, 0.9800944363378281],
    [290, 10, 'refuted', 0.9441152594854414, 0.9818061609223666],
  ])('%d within and %d not: %s', (hits, misses, verdict, lower, upper) => {
    const outcome = judge(hits, misses);
    expect(outcome).toMatchObject({ verdict, requests: hits + misses, misses });
    expect(outcome.lower).toBeCloseTo(lower, 9);
    expect(outcome.upper).toBeCloseTo(upper, 9);
    expect(outcome.met).toBe(hits / (hits + misses) >= 0.99);
  });

  it('is met at exactly the quantile', () => {
    expect(judge(99, 1)).toMatchObject({ met: true, verdict: 'not-proven' });
    expect(judge(98, 2)).toMatchObject({ met: false, verdict: 'not-proven' });
  });

  it('counts failures as misses of every limit, and cannot judge nothing', () => {
    const failed = requests(1, 0, { outcome: 'reset', firstTokenUs: null, lastTokenUs: null });
    const criteria = sloCriteria([slo]);
    expect(criteria.map(({ id }) => id)).toEqual(['own', 'own:ttft', 'own:tpot']);
    for (const criterion of criteria) {
      expect(judgeSlo(failed, criterion)).toMatchObject({ requests: 1, misses: 1, met: false });
      expect(judgeSlo([], criterion)).toMatchObject({ attained: null, met: null });
    }
  });

  it('tells the limits apart', () => {
    const [, ttft, tpot] = sloCriteria([slo]).map((criterion) =>
      judgeSlo(requests(0, 10), criterion),
    );
    expect(ttft).toMatchObject({ misses: 10 });
    expect(tpot).toMatchObject({ misses: 0 });
  });
});

describe('meetsEverySlo', () => {
  const other = { ...slo, id: 'other' };
  const said = (...met: (boolean | null)[]) =>
    meetsEverySlo(
      met.map((one, i) => ({ criterion: i === 0 ? 'own' : 'other', met: one }) as SloOutcome),
      [slo, other],
    );
  it('is about all of them: one missed is missed, one unknown is unknown', () => {
    expect(said(true, true)).toBe(true);
    expect(said(true, false)).toBe(false);
    expect(said(null, false)).toBe(false);
    expect(said(true, null)).toBeNull();
    expect(said(true)).toBeNull();
    expect(meetsEverySlo([], [])).toBeNull();
  });
});

describe('isDecided', () => {
  const other = { ...slo, id: 'loose', ttftMs: 1000 };
  it('takes one refuted SLO, or all proven', () => {
    expect(isDecided(requests(298, 0), [slo])).toBe(false);
    expect(isDecided(requests(299, 0), [slo])).toBe(true);
    expect(isDecided(requests(95, 5), [slo, other])).toBe(true);
    expect(isDecided(requests(290, 2), [slo, other])).toBe(false);
  });
});

it('requestsToProve: 0.99^298 > 0.05 >= 0.99^299', () => {
  expect(requestsToProve([slo])).toBe(299);
  expect(requestsToProve([{ ...slo, quantile: 0.9 }])).toBe(29);
  expect(requestsToProve([{ ...slo, quantile: 0.9 }, slo])).toBe(299);
  expect(requestsToProve([])).toBe(0);
});
