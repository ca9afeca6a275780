import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { bootstrapIntervals, singletonGroups } from '../../src/stats/index.ts';
import { autoregression, waitingTimes } from '../../src/stats/series.fixture.ts';
import { coverageLine, coverageOf } from './coverage.ts';
import { waitQuantile } from './queue-theory.ts';

const n = 20_000;
const full = process.env['BENCH_TEST_FULL'] === '1';
const runs = full ? 2000 : 400;
const resamples = full ? 1000 : 200;

const cases = [
  // Quantiles of the standard normal: scipy 1.17.1 norm.ppf.
  [
    'AR(1), rho 0.5',
    autoregression(0.5),
    { mean: 0, p50: 0, p90: 1.2815515655446004, p99: 2.3263478740408408 },
  ],
  // Mean wait: rho / (2 (1 - rho)), Pollaczek and Khinchine.
  [
    'M/D/1 waits at 80 % load',
    waitingTimes(0.8),
    {
      mean: 2,
      p50: waitQuantile(0.5, 0.8),
      p90: waitQuantile(0.9, 0.8),
      p99: waitQuantile(0.99, 0.8),
    },
  ],
] as const;

describe('intervals of dependent series', () => {
  test.each(cases)('%s: at least 0.90 at 20 000', { timeout: 400_000 }, (name, series, truth) => {
    const found = coverageOf(series, n, runs, truth, resamples);
    console.log(coverageLine(name, n, runs, found));
    for (const statistic of ['mean', 'p50', 'p90', 'p99'] as const) {
      expect(found[statistic].printed, statistic).toBeGreaterThan(0.85);
      expect(found[statistic].share, statistic).toBeGreaterThanOrEqual(0.9);
    }
  });

  test.each(cases)('%s: refused at 300, with a number that would do', (_, series) => {
    const rng = createRng(3, 'refuse');
    for (let run = 0; run < 300; run++) {
      const { mean, quantiles, tailQuantiles } = bootstrapIntervals(
        singletonGroups(series(rng, 300)),
        { quantiles: [0.5, 0.9], tailQuantiles: [0.99], seed: run },
      );
      for (const interval of [mean, ...quantiles, ...tailQuantiles]) {
        expect(interval).toMatchObject({ low: null, reason: 'too-short' });
        expect(interval.low === null && interval.neededGroups).toBeGreaterThan(300);
      }
    }
  });
});
