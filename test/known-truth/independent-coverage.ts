import { expect, test } from 'vitest';
import type { Series } from '../../src/stats/series.fixture.ts';
import { coverageLine, coverageOf, type Truth } from './coverage.ts';

const runs = 4000;
/** The tool draws 1000; fewer draws make the ends of an interval noisier, never better. */
const resamples = process.env['BENCH_TEST_FULL'] === '1' ? 1000 : 400;

/** 4000 runs at each size: the standard error of a share of 95 % is 0.34 %. */
export function testIndependent(name: string, series: Series, truth: Truth): void {
  test.each([100, 300, 1000])(
    'n = %d: 0.93 to 0.97, p99 at least 0.94',
    { timeout: 400_000 },
    (n) => {
      const found = coverageOf(series, n, runs, truth, resamples);
      console.log(coverageLine(name, n, runs, found));
      for (const statistic of ['mean', 'p50', 'p90'] as const) {
        const { printed, share } = found[statistic];
        // A few series look dependent by chance, and those are refused.
        expect(printed, statistic).toBeGreaterThan(0.95);
        expect(share, statistic).toBeGreaterThanOrEqual(0.93);
        expect(share, statistic).toBeLessThanOrEqual(0.97);
      }
      // 368 values are the fewest that bound p99 on both sides.
      if (n < 368) expect(found.p99.printed).toBe(0);
      else {
        expect(found.p99.printed).toBeGreaterThan(0.95);
        expect(found.p99.share).toBeGreaterThanOrEqual(0.94);
      }
    },
  );
}
