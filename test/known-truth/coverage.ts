import { createRng } from '../../src/core/index.ts';
import { bootstrapIntervals, type GroupInterval, singletonGroups } from '../../src/stats/index.ts';
import type { Series } from '../../src/stats/series.fixture.ts';

export interface Truth {
  mean: number;
  p50: number;
  p90: number;
  p99: number;
}

export interface Coverage {
  /** Share of runs that gave an interval at all. */
  printed: number;
  /** Of the printed intervals, the share that holds the truth; null where none was printed. */
  share: number | null;
}

const statistics = ['mean', 'p50', 'p90', 'p99'] as const;

/**
 * How often the intervals that the metrics print (mean, p50 and p90 by the block bootstrap, p99 by
 * order statistics) hold the truth.
 */
export function coverageOf(
  series: Series,
  n: number,
  runs: number,
  truth: Truth,
  resamples: number,
): Record<keyof Truth, Coverage> {
  const rng = createRng(2026, `coverage/${n}`);
  const hits = [0, 0, 0, 0];
  const printed = [0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const { mean, quantiles, tailQuantiles } = bootstrapIntervals(singletonGroups(series(rng, n)), {
      quantiles: [0.5, 0.9],
      tailQuantiles: [0.99],
      seed: run,
      resamples,
    });
    [mean, ...quantiles, ...tailQuantiles].forEach((interval, i) => {
      if (interval.low === null) return;
      printed[i] = (printed[i] ?? 0) + 1;
      if (holds(interval, truth[statistics[i] as keyof Truth])) hits[i] = (hits[i] ?? 0) + 1;
    });
  }
  const of = (i: number): Coverage => {
    const count = printed[i] ?? 0;
    return { printed: count / runs, share: count === 0 ? null : (hits[i] ?? 0) / count };
  };
  return { mean: of(0), p50: of(1), p90: of(2), p99: of(3) };
}

function holds(interval: GroupInterval, truth: number): boolean {
  return interval.low !== null && interval.low <= truth && truth <= interval.high;
}

/** One line for people: shares in percent, and how often an interval was printed where not always. */
export function coverageLine(
  name: string,
  n: number,
  runs: number,
  found: Record<keyof Truth, Coverage>,
): string {
  const cells = statistics.map((statistic) => {
    const { printed, share } = found[statistic];
    const percent = share === null ? 'refused' : `${(100 * share).toFixed(1)} %`;
    const often = printed > 0 && printed < 1 ? ` (printed in ${(100 * printed).toFixed(1)} %)` : '';
    return `${statistic} ${percent}${often}`;
  });
  return `coverage of 95 % intervals, ${name}, n = ${n}, ${runs} runs: ${cells.join(', ')}`;
}
