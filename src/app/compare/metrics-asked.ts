import { BenchError, didYouMean } from '../../core/index.ts';
import { metricInfo, metricKeys, optimisationIds, toggleMetrics } from '../../metrics/index.ts';
import type { CompareSettings } from './compare-settings.ts';

/** What a comparison judges, and what it shows beside that without judging. */
export interface MetricsAsked {
  primary: string[];
  others: string[];
}

const usualMetrics = ['ttft_p50_ms', 'tpot_p50_ms', 'throughput_tok_s'];
const shownBeside = [
  ...['ttft_p90_ms', 'ttft_p99_ms', 'itl_mean_ms', 'tpot_p99_ms', 'e2e_p50_ms', 'e2e_p99_ms'],
  ...['requests_per_s', 'goodput_req_s'],
];

/** @throws BenchError USAGE_BAD_VALUE */
export function metricsAsked({ metrics, toggle }: CompareSettings): MetricsAsked {
  const named = metrics ?? usualMetrics;
  for (const key of named) {
    const info = metricInfo(key);
    if (info === null) {
      throw new BenchError(
        'USAGE_BAD_VALUE',
        `--metrics: no metric "${key}".${didYouMean(key, metricKeys())}`,
        { hint: 'Keys are in docs/reference/metrics.md, for example ttft_p99_ms.' },
      );
    }
    if (info.better === null) {
      throw new BenchError(
        'USAGE_BAD_VALUE',
        `--metrics: of ${key} neither more nor less is better.`,
        {
          hint: `Name metrics with a direction, for example ${usualMetrics.join(',')}.`,
        },
      );
    }
  }
  // The effect of a flag is read off these three: they are named with it.
  const primary = toggle === null ? named : [...new Set([...named, ...toggleMetrics])];
  return { primary, others: shownBeside.filter((key) => !primary.includes(key)) };
}

/**
 * `fp8:--quantization fp8` names the optimisation; else the flag tells it.
 * @throws BenchError USAGE_BAD_VALUE
 */
export function parseToggle(toggle: string): { flag: string; optimisation: string | null } {
  const match = /^([a-z0-9-]*[a-z0-9]):(-.*)$/s.exec(toggle);
  const [, optimisation = null, flag = toggle] = match ?? [];
  if (optimisation === null || optimisationIds.includes(optimisation))
    return { flag, optimisation };
  throw new BenchError(
    'USAGE_BAD_VALUE',
    `--toggle: no optimisation "${optimisation}".${didYouMean(optimisation, optimisationIds)}`,
    { hint: `Known: ${optimisationIds.join(', ')}.` },
  );
}
