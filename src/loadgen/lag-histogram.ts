import type { LagFigures } from '../model/index.ts';
import { createLogHistogram, type LogHistogram } from '../stats/index.ts';

/** Collects delays in microseconds, tells them in milliseconds. */
export interface LagHistogram {
  add(us: number): void;
  /** Adds the buckets of another thread's histogram. */
  merge(buckets: Iterable<readonly [number, number]>, maxMs: number | null): void;
  figures(): LagFigures;
  readonly buckets: LogHistogram['buckets'];
}

export function createLagHistogram(): LagHistogram {
  const histogram = createLogHistogram();
  let maxUs = 0;
  const ms = (p: number) => {
    const us = histogram.quantile(p);
    return us === undefined ? null : us / 1000;
  };
  return {
    buckets: histogram.buckets,
    add(us) {
      histogram.add(us);
      maxUs = Math.max(maxUs, us);
    },
    merge(buckets, maxMs) {
      histogram.merge({ ...histogram, buckets: new Map(buckets) });
      maxUs = Math.max(maxUs, (maxMs ?? 0) * 1000);
    },
    figures: () => ({
      count: histogram.count(),
      p50Ms: ms(0.5),
      p99Ms: ms(0.99),
      maxMs: histogram.count() === 0 ? null : maxUs / 1000,
    }),
  };
}
