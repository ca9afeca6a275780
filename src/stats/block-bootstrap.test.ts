import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../core/index.ts';
import {
  autocorrelationTime,
  blockLengthFor,
  bootstrapIntervals,
  effectiveSampleSize,
  type GroupInterval,
  sampleGamma,
  sampleNormal,
  singletonGroups,
} from './index.ts';
import { autoregression, independent, type Series, waitingTimes } from './series.fixture.ts';

const covers = (interval: GroupInterval, truth: number) =>
  interval.low !== null && interval.low <= truth && truth <= interval.high;

/** Share of printed intervals that hold the truth: [mean, p50, p90]. */
function coverage(
  series: Series,
  n: number,
  runs: number,
  truth: readonly [number, number, number],
) {
  const rng = createRng(5, `coverage/${n}`);
  const hits = [0, 0, 0];
  let printed = 0;
  for (let run = 0; run < runs; run++) {
    const result = bootstrapIntervals(singletonGroups(series(rng, n)), {
      quantiles: [0.5, 0.9],
      seed: run,
      resamples: 500,
    });
    if (result.mean.low === null) continue;
    printed++;
    [result.mean, ...result.quantiles].forEach((interval, i) => {
      if (covers(interval, truth[i] as number)) hits[i] = (hits[i] as number) + 1;
    });
  }
  return { printed: printed / runs, shares: hits.map((hit) => hit / printed) };
}

// Seconds of computing, more on a busy machine.
const slow = { timeout: 120_000 };

describe('coverage of independent data', slow, () => {
  // Targets are 93 to 97 %; 600 runs add a standard error of 0.9 %.
  it.each([
    // Quantiles: scipy 1.17.1 lognorm(0.5).ppf, gamma(2).ppf.
    [
      'log-normal, sigma 0.5',
      independent((rng) => Math.exp(0.5 * sampleNormal(rng))),
      [Math.exp(0.125), 1, 1.8979527073347104],
    ] as const,
    [
      'gamma, shape 2',
      independent((rng) => sampleGamma(rng, 2)),
      [2, 1.6783469900166605, 3.889720169867429],
    ] as const,
  ])('%s at n = 100', (_, series, truth) => {
    const { printed, shares } = coverage(series, 100, 600, truth);
    expect(printed).toBeGreaterThan(0.94);
    for (const share of shares) {
      expect(share).toBeGreaterThan(0.915);
      expect(share).toBeLessThan(0.985);
    }
  });
});

describe('coverage of dependent data', slow, () => {
  it('AR(1), rho 0.5, n = 20000', () => {
    const { printed, shares } = coverage(
      autoregression(0.5),
      20_000,
      60,
      [0, 0, 1.2815515655446004],
    );
    expect(printed).toBe(1);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.87);
  });

  it('M/D/1 waiting times at 80 % load, n = 20000', () => {
    // Mean: rho / (2 (1 - rho)). p50, p90: Erlang's formula as in the next test.
    const { printed, shares } = coverage(waitingTimes(0.8), 20_000, 60, [
      2,
      waitingQuantile(0.8, 0.5),
      waitingQuantile(0.8, 0.9),
    ]);
    expect(printed).toBeGreaterThan(0.9);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.85);
  });

  it.each([
    ['AR(1), rho 0.5', autoregression(0.5)] as const,
    ['M/D/1 at 80 % load', waitingTimes(0.8)] as const,
  ])('%s at n = 300 is refused with a number that would do', (_, series) => {
    const rng = createRng(3, 'refuse');
    for (let run = 0; run < 200; run++) {
      const { mean, quantiles } = bootstrapIntervals(singletonGroups(series(rng, 300)), {
        quantiles: [0.5],
        seed: run,
      });
      expect(mean).toMatchObject({ low: null, reason: 'too-short' });
      expect(quantiles[0]).toEqual(mean);
      expect(mean.low === null && mean.neededGroups).toBeGreaterThan(300);
    }
  });
});

/** P(W <= t) of M/D/1, service time 1: (1 - rho) sum (rho (k - t))^k / k! e^(rho (t - k)), k <= t. */
function waitingCdf(rho: number, t: number): number {
  let sum = 0;
  let factorial = 1;
  for (let k = 0; k <= t; k++) {
    if (k > 0) factorial *= k;
    sum += ((rho * (k - t)) ** k / factorial) * Math.exp(rho * (t - k));
  }
  return (1 - rho) * sum;
}

function waitingQuantile(rho: number, p: number): number {
  let low = 0;
  let high = 20;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (waitingCdf(rho, middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

describe('autocorrelationTime', () => {
  it('is 1 for independent values, which get blocks of 1', () => {
    const rng = createRng(1, 'tau');
    let ones = 0;
    for (let run = 0; run < 200; run++) {
      const tau = autocorrelationTime(independent(sampleNormal)(rng, 100));
      if (blockLengthFor(tau) === 1) ones++;
    }
    expect(ones).toBeGreaterThan(190);
  });

  it.each([
    [0.5, 3],
    [0.8, 9],
    [0.95, 39],
  ])('finds the tau of AR(1) with rho %d', (rho, tau) => {
    const series = autoregression(rho)(createRng(2, 'tau'), 20_000);
    expect(autocorrelationTime(series) / tau).toBeGreaterThan(0.8);
    expect(autocorrelationTime(series) / tau).toBeLessThan(1.35);
    expect(effectiveSampleSize(series)).toBeCloseTo(20_000 / autocorrelationTime(series), 9);
  });

  it('finds it also where the series is averaged in batches', () => {
    const series = autoregression(0.8)(createRng(2, 'tau'), 200_000);
    expect(autocorrelationTime(series) / 9).toBeGreaterThan(0.85);
    expect(autocorrelationTime(series) / 9).toBeLessThan(1.2);
  });

  it('is 1 for a constant', () => {
    expect(autocorrelationTime(new Float64Array(500).fill(0.1))).toBe(1);
  });
});

describe('bootstrapIntervals', () => {
  const groupsOf = (rng: Rng, groups: number, size: number) => ({
    values: Float64Array.from({ length: groups * size }, () => 10 + sampleNormal(rng)),
    offsets: Array.from({ length: groups + 1 }, (_, g) => g * size),
  });

  it('is the same for the same seed and differs for another', () => {
    const series = groupsOf(createRng(1, 'x'), 200, 3);
    const options = { quantiles: [0.5], tailQuantiles: [0.95], seed: 4 };
    expect(bootstrapIntervals(series, options)).toEqual(bootstrapIntervals(series, options));
    expect(bootstrapIntervals(series, { ...options, seed: 5 }).mean).not.toEqual(
      bootstrapIntervals(series, options).mean,
    );
  });

  it('takes a group as one: equal values in a group narrow nothing', () => {
    const rng = createRng(2, 'clusters');
    const single = Float64Array.from({ length: 400 }, () => 10 + sampleNormal(rng));
    const repeated = {
      values: Float64Array.from({ length: 4000 }, (_, i) => single[Math.floor(i / 10)] as number),
      offsets: Array.from({ length: 401 }, (_, g) => g * 10),
    };
    const options = { quantiles: [0.5], tailQuantiles: [0.95], seed: 1 };
    const a = bootstrapIntervals(singletonGroups(single), options);
    const b = bootstrapIntervals(repeated, options);
    expect(b.mean.low).toBeCloseTo(a.mean.low as number, 6);
    expect(b.quantiles[0]?.low).toBeCloseTo(a.quantiles[0]?.low as number, 1);
    expect(b.tailQuantiles[0]?.high).toBeCloseTo(a.tailQuantiles[0]?.high as number, 6);
  });

  it('gives a constant its own value as interval, groups or not, empty groups too', () => {
    const offsets = [0];
    for (let g = 0; g < 400; g++) offsets.push((offsets[g] as number) + (g % 4) * 10);
    const values = new Float64Array(offsets.at(-1) as number).fill(0.1);
    const result = bootstrapIntervals(
      { values, offsets },
      { quantiles: [0.5, 0.9], tailQuantiles: [0.99], seed: 1 },
    );
    for (const { low, high } of [result.mean, ...result.quantiles, ...result.tailQuantiles]) {
      expect(low).toBeCloseTo(0.1, 12);
      expect(high).toBeCloseTo(0.1, 12);
    }
  });

  it('refuses below 20 groups, and p90 below 36', () => {
    const at = (n: number) =>
      bootstrapIntervals(groupsOf(createRng(6, 'few'), n, 1), { quantiles: [0.5, 0.9], seed: 1 });
    expect(at(19).mean).toEqual({ low: null, high: null, reason: 'too-short', neededGroups: 20 });
    expect(at(29).mean.low).not.toBeNull();
    expect(at(29).quantiles[0]?.low).not.toBeNull();
    expect(at(29).quantiles[1]).toMatchObject({ low: null, neededGroups: 36 });
    expect(at(36).quantiles[1]?.low).not.toBeNull();
  });

  it('has no mean and no upper bound where values are infinite, and still bounds the median', () => {
    const rng = createRng(8, 'infinite');
    const values = Float64Array.from({ length: 400 }, (_, i) =>
      i % 20 === 7 ? Infinity : 10 + sampleNormal(rng),
    );
    const result = bootstrapIntervals(singletonGroups(values), {
      quantiles: [0.5],
      tailQuantiles: [0.95],
      seed: 1,
    });
    expect(result.mean).toMatchObject({ low: null, neededGroups: null });
    expect(result.quantiles[0]?.high).toBeLessThan(11);
    expect(result.tailQuantiles[0]?.low).toBeNull();
  });

  it('has nothing to say about nothing', () => {
    const result = bootstrapIntervals(singletonGroups([]), { quantiles: [0.5], seed: 1 });
    expect(result.mean).toMatchObject({ low: null, neededGroups: null });
    expect(result.quantiles).toHaveLength(1);
  });
});
