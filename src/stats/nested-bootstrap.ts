import { createRng } from '../core/index.ts';
import { normalCdf } from './normal.ts';
import { quantile } from './quantile.ts';
import { studentTQuantile } from './student-t.ts';

/** By stratum (never resampled), by cluster, values: scenario, run, server launch. */
export type NestedValues = readonly (readonly (readonly number[])[])[];

/**
 * Bootstrap interval of a statistic of nested values: clusters are drawn with replacement within
 * their stratum, then values within the drawn cluster; a stratum of one cluster has its values as
 * the unit. Percentile interval, its tails widened to what Student's t makes of so few units
 * (expanded percentile, Hesterberg 2015, "What teachers should know about the bootstrap", 5.3).
 *
 * @param options.level coverage, default 0.95; @param options.resamples default 4000
 * @returns null where a stratum has fewer than two units
 */
export function nestedBootstrap(
  strata: NestedValues,
  statistic: (values: NestedValues) => number,
  options: { seed: number; purpose: string; level?: number; resamples?: number },
): { low: number; high: number } | null {
  const { seed, purpose, level = 0.95, resamples = 4000 } = options;
  const n = Math.min(...strata.map(unitsOf));
  if (!(n >= 2) || strata.length === 0) return null;
  const t = studentTQuantile(1 - (1 - level) / 2, n - 1);
  const tail = normalCdf(-Math.sqrt(n / (n - 1)) * t);
  const rng = createRng(seed, `nested-bootstrap/${purpose}`);
  const draw = <T>(from: readonly T[]): T[] => from.map(() => from[rng.int(from.length)] as T);
  const values = Float64Array.from({ length: resamples }, () =>
    statistic(strata.map((clusters) => draw(clusters).map(draw))),
  ).sort();
  return {
    low: quantile(values, tail) as number,
    high: quantile(values, 1 - tail) as number,
  };
}

/** Clusters, or the values of the only one. */
function unitsOf(clusters: readonly (readonly number[])[]): number {
  return clusters.length === 1 ? (clusters[0]?.length ?? 0) : clusters.length;
}
