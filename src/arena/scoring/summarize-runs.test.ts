import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTrial, rulesFixture } from '../trial.fixture.ts';
import { scoreTrial } from './score-trial.ts';
import { type ScoredRun, summarizeRuns } from './summarize-runs.ts';

const speedup = rulesFixture('speedup.v1');
const sglang = rulesFixture('sglang.v1');
const options = { seed: 1, purpose: 'test' };

const template = scoreTrial(makeTrial('decode', 2), speedup, '');
const run = (score: number, pair = 0, launchScores = [score]): ScoredRun => ({
  ...template,
  ...{ score, launchScores, seeds: { dev: pair, eval: pair + 1000 } },
});
const runs = (...scores: number[]) => scores.map((score, pair) => run(score, pair));
const summarize = (scenarios: ScoredRun[][], rules = speedup) =>
  summarizeRuns(scenarios, rules, options);

describe('the aggregate', () => {
  // Per scenario and aggregate as the InferenceBench page prints them. Its 6.17 is not the geometric
  // mean of the four figures beside it, which is 6.164.
  it.each([
    ['default, free choice of engine', [3.53, 2.24, 25.84, 3.25], 5.08],
    ['vLLM only', [3.71, 4.08, 27.41, 3.48], 6.16],
    ['SGLang only', [4.62, 6.84, 29.76, 3.71], 7.69],
    ['TGI only', [3.74, 3.96, 61.38, 5.24], 8.31],
    ['best search per scenario', [5.06, 15.23, 89.0, 6.1], 14.3],
  ])('%s', (_, scores, printed) => {
    const { mean } = summarize(scores.map((score) => [run(score)])) ?? { mean: Number.NaN };
    expect(Math.abs(mean - printed)).toBeLessThan(0.01);
  });

  it('is the geometric mean over scenarios of the arithmetic mean over runs', () => {
    // Means 2, 8, 4 and 1: the fourth root of 64.
    const scenarios = [runs(1, 3), runs(7, 9), runs(4, 4), runs(1, 1)];
    expect(summarize(scenarios)?.mean).toBeCloseTo(64 ** 0.25, 12);
  });

  it('has its standard error over seed pairs, where each scenario has each pair once', () => {
    const scenarios = [runs(1, 4, 16), runs(1, 16, 4)];
    // By seed: 1, 8 and 8. Mean 17/3, sd 7/sqrt(3), over sqrt(3): 7/3.
    expect(summarize(scenarios)?.sem).toBeCloseTo(7 / 3, 12);
    expect(summarize([runs(1, 4, 16), runs(1, 16)])?.sem).toBeNull();
  });

  it('is not there where a scenario has no run', () => {
    expect(summarize([runs(2, 3), []])).toBeNull();
    expect(summarize([])).toBeNull();
  });
});

describe('mean and standard error', () => {
  it('by hand: ddof 1', () => {
    // 2, 4, 8: mean 14/3, sd sqrt(28/3), over sqrt(3).
    const summary = summarize([runs(2, 4, 8)]);
    expect(summary?.mean).toBeCloseTo(14 / 3, 12);
    expect(summary?.sem).toBeCloseTo(Math.sqrt(28) / 3, 12);
    expect(summary).toMatchObject({ runs: 3, unit: 'run', level: 0.95 });
  });

  it('of one run: neither', () => {
    expect(summarize([runs(5)])).toMatchObject({ mean: 5, sem: null, low: null, method: null });
  });
});

describe('the interval', () => {
  it('under 6 runs is t on log scores', () => {
    // log 2, 2 log 2, 3 log 2: sd log 2; t(0.975, 2) = 4.302652729911275 (tables).
    expect(summarize([runs(2, 4, 8)])).toMatchObject({
      method: 't_log',
      low: expect.closeTo(0.7149242471326539, 9),
      high: expect.closeTo(22.379993494655114, 7),
    });
    expect(summarize([runs(1, 2, 3, 4, 5)])?.method).toBe('t_log');
  });

  it('of the gated form is t on the scores, which may be 0', () => {
    // Mean 1, sd 1, t(0.975, 2) / sqrt(3) = 2.484137711719...
    expect(summarize([runs(0, 1, 2)], sglang)).toMatchObject({
      method: 't',
      low: expect.closeTo(1 - 4.302652729911275 / Math.sqrt(3), 9),
      high: expect.closeTo(1 + 4.302652729911275 / Math.sqrt(3), 9),
    });
  });

  it('over scenarios adds their variances: Welch and Satterthwaite', () => {
    // Two scenarios of the same spread, 3 runs each: standard error log 2 / sqrt(6), df 4,
    // t(0.975, 4) = 2.7764451051977987 (tables); centre log 4.
    const half = (2.7764451051977987 * Math.log(2)) / Math.sqrt(6);
    expect(summarize([runs(2, 4, 8), runs(8, 2, 4)])).toMatchObject({
      method: 't_log',
      low: expect.closeTo(4 * Math.exp(-half), 7),
      high: expect.closeTo(4 * Math.exp(half), 7),
    });
  });

  it('from 6 runs on is a bootstrap, the same every time', () => {
    const scenarios = [runs(2, 3, 4, 5, 6, 7)];
    const first = summarize(scenarios);
    expect(first?.method).toBe('bootstrap');
    expect(first).toEqual(summarize(scenarios));
    expect(first?.low).toBeGreaterThan(2);
    expect(first?.low).toBeLessThan(4.5);
    expect(first?.high).toBeLessThan(7);
    expect(summarize([runs(2, 3, 4, 5, 6, 7), runs(2, 3, 4)])?.method).toBe('t_log');
  });

  it('of one run with several launches has the launches as its unit', () => {
    const [low, high] = [2, 8];
    expect(summarize([[run(4, 0, [low, high])]])).toMatchObject({
      unit: 'launch',
      method: 't_log',
    });
    const six = [[run(4, 0, [2, 3, 4, 5, 6, 7])]];
    expect(summarize(six)).toMatchObject({ unit: 'launch', method: 'bootstrap' });
    expect(summarize([runs(2, 4)])?.unit).toBe('run');
  });

  it('is not there for runs that all fell back', () => {
    expect(summarize([runs(1, 1, 1)])).toMatchObject({ mean: 1, sem: 0, low: null, method: null });
    expect(summarize([runs(1, 1, 1, 1, 1, 1, 1)])).toMatchObject({ low: null, method: null });
  });

  it('scales with the scores and holds their mean, whatever they are', () => {
    const score = fc.double({ min: 1, max: 90, noNaN: true });
    fc.assert(
      fc.property(fc.array(score, { minLength: 2, maxLength: 9 }), (scores) => {
        const summary = summarize([runs(...scores)]);
        const twice = summarize([runs(...scores.map((one) => 2 * one))]);
        expect((twice?.mean ?? 0) / (summary?.mean ?? 1)).toBeCloseTo(2, 9);
        if (summary?.low == null || summary.high === null) return;
        expect((twice?.low ?? 0) / summary.low).toBeCloseTo(2, 6);
        expect((twice?.high ?? 0) / summary.high).toBeCloseTo(2, 6);
        expect(summary.low).toBeLessThanOrEqual(summary.mean * (1 + 1e-9));
        expect(summary.high).toBeGreaterThanOrEqual(summary.mean * (1 - 1e-9));
      }),
      { numRuns: 40 },
    );
  });
});
