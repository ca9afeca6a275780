import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash32 } from '../core/index.ts';
import type { LevelPlan, LoadSpec } from '../model/index.ts';
import { datasets } from './datasets/registry.ts';
import {
  type OpenLevelOptions,
  planClosedLevel,
  planOpenLevel,
  unboundedRequests,
} from './plan.ts';

const dataset = await datasets.get('random').load({ counter: null, path: null });

const load: LoadSpec = {
  kind: 'open',
  rateRps: null,
  concurrencyAsked: null,
  maxConcurrency: null,
  arrival: null,
};

const base: OpenLevelOptions = {
  load,
  arrival: { kind: 'poisson' },
  rateRps: 2,
  requests: 10,
  durationS: null,
  inputTokens: { shape: 'normal', mean: 32, std: 8 },
  outputTokens: { shape: 'normal', mean: 16, std: 0 },
  dataset,
  seed: 1,
  salt: 'level 0',
};

const requestsOf = (plan: LevelPlan, count = plan.countedRequests) =>
  Array.from({ length: count }, (_, i) => plan.at(i));
const bytesOf = (plan: LevelPlan) =>
  JSON.stringify(requestsOf(plan).map((request) => [request, plan.promptText(request)]));

describe('planOpenLevel', () => {
  it('is pinned: a change of any stream shows here', () => {
    const plan = planOpenLevel(base);
    expect(plan.hash).toBe('d7dd981062115511db7638399473767eddf74bf266a7c07da43e4866062d87a6');
    expect(hash32(bytesOf(plan))).toBe(1762896552);
  });

  it('same options, same bytes, in whatever order requests are looked at', () => {
    const plan = planOpenLevel(base);
    const backwards = planOpenLevel(base);
    const seen = [9, 3, 0, 25].map((i) => backwards.at(i));
    expect(seen).toEqual([9, 3, 0, 25].map((i) => plan.at(i)));
    expect(bytesOf(backwards)).toBe(bytesOf(plan));
    expect(backwards.hash).toBe(plan.hash);
  });

  it('every option changes the hash', () => {
    const hashes = [
      base,
      { ...base, seed: 2 },
      { ...base, salt: 'level 1' },
      { ...base, rateRps: 2.5 },
      { ...base, requests: 11 },
      { ...base, requests: null, durationS: 5 },
      { ...base, arrival: { kind: 'constant' } as const },
      { ...base, inputTokens: { shape: 'normal' as const, mean: 33, std: 8 } },
      { ...base, outputTokens: { shape: 'normal' as const, mean: 17, std: 0 } },
      { ...base, dataset: { ...dataset, hash: 'other' } },
      { ...base, load: { ...load, maxConcurrency: 4 } },
    ].map((options) => planOpenLevel(options).hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('levels of other rates stretch the same arrivals and send the same lengths', () => {
    const slow = requestsOf(planOpenLevel(base), 50);
    const fast = requestsOf(planOpenLevel({ ...base, rateRps: 8, salt: 'level 1' }), 50);
    for (const [i, request] of slow.entries()) {
      expect(Math.abs((request.intendedUs ?? 0) / 4 - (fast[i]?.intendedUs ?? 0))).toBeLessThan(1);
      expect(request.inputTokens).toBe(fast[i]?.inputTokens);
      expect(request.prompt.seed).not.toBe(fast[i]?.prompt.seed);
    }
  });

  it('prompts differ between requests, levels and seeds; neighbours in their first word', () => {
    const plans = [base, { ...base, salt: 'level 1' }, { ...base, seed: 2 }].map(planOpenLevel);
    const texts = plans.flatMap((plan) => requestsOf(plan, 500).map((r) => plan.promptText(r)));
    expect(new Set(texts).size).toBe(1500);
    const starts = texts.slice(0, 500).map((text) => text.split(' ')[0]);
    expect(new Set(starts).size).toBe(500);
  });

  it('counts the arrivals inside the duration, and goes on behind it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 80 }), (seed, tenths) => {
        const plan = planOpenLevel({ ...base, seed, requests: null, durationS: tenths / 10 });
        const n = plan.countedRequests;
        expect(n).toBeGreaterThanOrEqual(1);
        expect(plan.at(n - 1).intendedUs).toBeLessThan(plan.durationUs ?? 0);
        expect(plan.at(n).intendedUs).toBeGreaterThanOrEqual(plan.durationUs ?? 0);
        expect(plan.at(n + 1000).intendedUs).toBeGreaterThan(plan.at(n).intendedUs ?? 0);
      }),
    );
  });

  it('counts the first arrival even when it comes after the duration', () => {
    const plan = planOpenLevel({ ...base, requests: null, durationS: 1e-5 });
    expect(plan.countedRequests).toBe(1);
    expect(plan.durationUs).toBe((plan.at(0).intendedUs ?? 0) + 1);
  });

  it('of both limits the first one reached ends the window', () => {
    const byCount = planOpenLevel({ ...base, requests: 5, durationS: 1000 });
    expect(byCount).toMatchObject({ countedRequests: 5, durationUs: null });
    const byTime = planOpenLevel({ ...base, requests: 5000, durationS: 10 });
    expect(byTime.durationUs).toBe(10_000_000);
    expect(byTime.countedRequests).toBeLessThan(60);
  });

  it('constant arrivals are equally spaced, and a window of T holds rate * T of them', () => {
    const arrival = { kind: 'constant' } as const;
    const plan = planOpenLevel({ ...base, arrival, rateRps: 4, requests: null, durationS: 5 });
    expect(plan.countedRequests).toBe(20);
    const times = requestsOf(plan, 100).map((request) => request.intendedUs ?? 0);
    expect(times).toEqual(times.map((_, i) => 125_000 + i * 250_000));
    expect(plan.load).toMatchObject({ kind: 'open', rateRps: 4, arrival: 'constant' });
  });

  it('plans a million requests', () => {
    const plan = planOpenLevel({ ...base, rateRps: 1000, requests: 1_000_000 });
    const lastS = (plan.at(999_999).intendedUs ?? 0) / 1e6;
    expect(Math.abs(lastS - 1000)).toBeLessThan(4);
  }, 60_000);
});

describe('planClosedLevel', () => {
  const closed = { ...base, maxConcurrency: 8 };

  it('has order, lengths and prompts, but no moments', () => {
    const plan = planClosedLevel(closed);
    expect(plan.at(3)).toMatchObject({ index: 3, intendedUs: null, outputTokens: 16 });
    expect(plan.load).toEqual({ ...load, kind: 'closed', maxConcurrency: 8 });
    expect(plan).toMatchObject({ countedRequests: 10, durationUs: null });
  });

  it('with a duration alone, counts as many as will be sent', () => {
    const plan = planClosedLevel({ ...closed, requests: null, durationS: 3 });
    expect(plan).toMatchObject({ countedRequests: unboundedRequests, durationUs: 3_000_000 });
    expect(plan.hash).not.toBe(planClosedLevel(closed).hash);
  });
});

it('rows that say their output length have their way', async () => {
  const rows = [
    { inputTokens: 5, outputTokens: 9 },
    { inputTokens: 6, outputTokens: null },
  ];
  const plan = planOpenLevel({ ...base, dataset: { ...dataset, rows } });
  const lengths = requestsOf(plan, 10).map(
    (r) => `${r.prompt.row} ${r.inputTokens} ${r.outputTokens}`,
  );
  expect(new Set(lengths)).toEqual(new Set(['0 5 9', '1 6 16']));
});

it.each([
  ['USAGE_NO_LENGTH', { requests: null }],
  ['USAGE_REQUESTS', { requests: 0 }],
  ['USAGE_REQUESTS', { requests: 1.5 }],
  ['USAGE_DURATION', { durationS: 0 }],
  ['USAGE_DURATION', { durationS: Number.NaN }],
  ['USAGE_RATE', { rateRps: 0 }],
  ['USAGE_RATE', { rateRps: Number.POSITIVE_INFINITY }],
  ['USAGE_PLAN_SIZE', { requests: 1e12 }],
  ['USAGE_PLAN_SIZE', { requests: null, durationS: 1e6, rateRps: 1e6 }],
])('%s for %j', (code, change) => {
  expect(() => planOpenLevel({ ...base, ...change })).toThrowError(
    expect.objectContaining({ code }),
  );
});

it('USAGE_CONCURRENCY for a closed level of no callers', () => {
  expect(() => planClosedLevel({ ...base, maxConcurrency: 0 })).toThrowError(
    expect.objectContaining({ code: 'USAGE_CONCURRENCY' }),
  );
});
