import { describe, expect, it } from 'vitest';
import type { LevelSummary, SloTemplate } from '../model/index.ts';
import { decideExit } from './decide-exit.ts';
import { headlineLevel, headlineMetrics, runWideMetrics } from './headline.ts';

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
  it('meets every SLO, not only the first, also where it was sustained', () => {
    const slos = (met: boolean) => [{ met: true }, { met }] as unknown as LevelSummary['slos'] & {};
    const levels = [level(0, 1, { slos: slos(true) }), level(1, 5, { slos: slos(false) })];
    expect(headlineLevel(levels, slo)).toBe(0);
    const sustained = (index: number, rateRps: number, met: boolean) =>
      level(index, rateRps, { role: 'sustained', slos: slos(met) });
    const held = [...levels, sustained(2, 4, false), sustained(3, 3, true)];
    expect(headlineLevel(held, slo)).toBe(3);
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
      goodput_at_slo_planned_rps: 1,
      goodput_at_slo_tok_s: 10,
    });
  });
  it('is of every SLO, also in a result whose sloMet is of the first alone', () => {
    const slos = [{ met: true }, { met: false }] as unknown as LevelSummary['slos'] & {};
    const levels = [level(0, 1), level(1, 5, { slos })];
    expect(runWideMetrics(levels, slo)['goodput_at_slo']).toBe(1);
  });
  it('is null with the reason where nothing can be judged, and passes such levels over', () => {
    const findings = [{ code: 'client-bottleneck', severity: 'invalid', message: '' }] as const;
    const unfit = (index: number, rate: number) =>
      level(index, rate, { valid: false, findings: [...findings] });
    const { values, reasons } = headlineMetrics([unfit(0, 1), unfit(1, 2)], null, slo, {
      ...level(0, 1).metrics,
      values: {},
    });
    expect(values['goodput_at_slo']).toBeNull();
    const why = '1 req/s is not fit to be judged: client-bottleneck';
    expect(reasons?.['goodput_at_slo']).toBe(why);
    expect(runWideMetrics([unfit(0, 1), level(1, 2)], slo)['goodput_at_slo']).toBe(2);
  });
  it('is what arrived, with the planned rate beside it', () => {
    const levels = [level(0, 1), level(1, 5), level(2, 9, { sloMet: false })].map((one) => ({
      ...one,
      metrics: {
        ...one.metrics,
        values: { ...one.metrics.values, offered_rps: (one.load.rateRps ?? 0) * 0.93 },
      },
    }));
    expect(runWideMetrics(levels, slo)).toMatchObject({
      goodput_at_slo: 4.65,
      goodput_at_slo_planned_rps: 5,
    });
  });
  it('is null without a sweep or without an SLO, and 0 when the lowest level fails', () => {
    expect(runWideMetrics([level(0, 1)], slo)['goodput_at_slo']).toBeNull();
    expect(runWideMetrics([level(0, 1), level(1, 2)], null)['goodput_at_slo']).toBeNull();
    const failing = [level(0, 1, { sloMet: false }), level(1, 2, { sloMet: false })];
    expect(runWideMetrics(failing, slo)['goodput_at_slo']).toBe(0);
    expect(runWideMetrics(failing, slo)['goodput_at_slo_planned_rps']).toBe(0);
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
      'a level that cannot be judged meets no SLO',
      { ...base, headline: 1, slo, levels: [invalid, missed] },
      5,
    ],
    [
      'and misses none',
      {
        ...{ ...base, slo, failOnSlo: true },
        levels: [level(0, 1), { ...invalid, index: 1, sloMet: false }],
      },
      0,
    ],
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
