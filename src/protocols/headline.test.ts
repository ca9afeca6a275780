import { describe, expect, it } from 'vitest';
import type { LevelSummary, SloTemplate } from '../model/index.ts';
import { decideExit } from './decide-exit.ts';
import { headlineLevel, runWideMetrics } from './headline.ts';

const slo: SloTemplate = { id: 's', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 };

function level(
  index: number,
  rateRps: number,
  over: Partial<LevelSummary> & { ok?: number } = {},
): LevelSummary {
  const { ok = 10, ...rest } = over;
  return {
    index,
    load: {
      kind: 'open',
      rateRps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'poisson',
      concurrencyReached: null,
    },
    status: 'complete',
    valid: true,
    sloMet: true,
    metrics: {
      values: { requests_ok: ok, goodput_tok_s: rateRps * 10 },
      intervals: {},
      flags: {},
      chunkSizes: {},
      outcomes: {},
    },
    findings: [],
    ...rest,
  } as unknown as LevelSummary;
}

describe('headlineLevel', () => {
  it('is the highest valid level that meets the SLO', () => {
    const levels = [level(0, 1), level(1, 5), level(2, 9, { sloMet: false })];
    expect(headlineLevel(levels, slo)).toBe(1);
  });
  it('is the lowest valid level when none meets it, or when there is no SLO', () => {
    const levels = [level(0, 1, { valid: false }), level(1, 2, { sloMet: false }), level(2, 3)];
    expect(headlineLevel(levels, null)).toBe(1);
    expect(headlineLevel(levels.slice(0, 2), slo)).toBe(1);
  });
  it('is nothing when no level is valid', () => {
    expect(headlineLevel([level(0, 1, { valid: false })], slo)).toBeNull();
    expect(headlineLevel([], null)).toBeNull();
  });
});

describe('goodput_at_slo', () => {
  it('is the last rate before the first failure, not the highest that passes', () => {
    const levels = [level(2, 9), level(0, 1), level(1, 5, { sloMet: false })];
    expect(runWideMetrics(levels, slo)).toMatchObject({
      goodput_at_slo: 1,
      goodput_at_slo_tok_s: 10,
    });
  });
  it('is null without a sweep or without an SLO, and 0 when the lowest level fails', () => {
    expect(runWideMetrics([level(0, 1)], slo)['goodput_at_slo']).toBeNull();
    expect(runWideMetrics([level(0, 1), level(1, 2)], null)['goodput_at_slo']).toBeNull();
    const failing = [level(0, 1, { sloMet: false }), level(1, 2, { sloMet: false })];
    expect(runWideMetrics(failing, slo)['goodput_at_slo']).toBe(0);
  });
});

describe('decideExit', () => {
  const base = { headline: 0, slo: null, failOnSlo: false, interrupted: false };
  const failed = level(0, 1, { ok: 0, valid: false });
  const invalid = level(0, 1, { valid: false });
  const missed = level(1, 2, { sloMet: false });
  it.each([
    ['fine', { ...base, levels: [level(0, 1)] }, 0],
    ['nothing succeeded', { ...base, headline: null, levels: [failed] }, 4],
    ['nothing was measured', { ...base, headline: null, levels: [] }, 4],
    ['every level invalid', { ...base, headline: null, levels: [invalid] }, 6],
    ['one level invalid, another valid', { ...base, levels: [level(0, 1), invalid] }, 0],
    ['some level misses the SLO', { ...base, slo, levels: [level(0, 1), missed] }, 0],
    [
      'the same with --fail-on-slo',
      { ...base, slo, failOnSlo: true, levels: [level(0, 1), missed] },
      5,
    ],
    ['every level misses the SLO', { ...base, slo, levels: [missed] }, 5],
    [
      'invalid goes before SLO',
      { ...base, headline: null, slo, levels: [{ ...invalid, sloMet: false }] },
      6,
    ],
    [
      'target goes before both',
      { ...base, headline: null, slo, levels: [{ ...failed, sloMet: false }] },
      4,
    ],
    [
      'an interrupt goes before all',
      { ...base, headline: null, slo, interrupted: true, levels: [failed] },
      130,
    ],
  ])('%s', (_name, facts, code) => {
    expect(decideExit(facts)).toBe(code);
  });
});
