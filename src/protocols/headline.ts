import type { LevelMetrics, LevelSummary, MetricValues, SloTemplate } from '../model/index.ts';

/**
 * The level a run is quoted by: the highest valid level that meets the SLO, else the lowest
 * valid level; null when no level is valid. Levels are taken in order of load.
 */
export function headlineLevel(
  levels: readonly LevelSummary[],
  slo: SloTemplate | null,
): number | null {
  const valid = byLoad(levels).filter((level) => level.valid);
  const meeting = slo === null ? [] : valid.filter((level) => level.sloMet === true);
  return (meeting.at(-1) ?? valid[0])?.index ?? null;
}

/** Metric keys that belong to the run rather than to one level; null = not measured. */
export const runWideKeys = [
  'goodput_at_slo',
  'goodput_at_slo_tok_s',
  'power_avg_w',
  'energy_j',
  'joules_per_token',
  'cost_usd_per_million_tokens',
] as const;

/**
 * `goodput_at_slo`: the highest offered rate of an open-loop sweep at which the SLO was met, with
 * every lower level meeting it too (the last before the first failure); null without an SLO or
 * without a sweep (two open-loop levels), 0 when even the lowest valid level fails.
 */
export function runWideMetrics(
  levels: readonly LevelSummary[],
  slo: SloTemplate | null,
): MetricValues {
  const values: MetricValues = Object.fromEntries(runWideKeys.map((key) => [key, null]));
  const sweep = byLoad(levels).filter((level) => level.load.kind === 'open');
  if (slo === null || sweep.length < 2) return values;
  let best: LevelSummary | null = null;
  for (const level of sweep) {
    if (!level.valid || level.sloMet !== true) break;
    best = level;
  }
  values['goodput_at_slo'] = best === null ? 0 : best.load.rateRps;
  values['goodput_at_slo_tok_s'] =
    best === null ? 0 : (best.metrics.values['goodput_tok_s'] ?? null);
  return values;
}

/** What went wrong is counted also where no level is fit to be quoted. */
const countKeys = [
  'requests_total',
  'requests_ok',
  'requests_failed',
  'requests_cancelled',
  'requests_short',
  'error_share',
];

/**
 * The headline block of the result: the level's own metrics and the run-wide ones. When no level
 * is valid, the request counts are those of the lowest level and everything else is null.
 */
export function headlineMetrics(
  levels: readonly LevelSummary[],
  headline: number | null,
  slo: SloTemplate | null,
  emptyMetrics: LevelMetrics,
): LevelMetrics {
  const level = levels.find((candidate) => candidate.index === headline)?.metrics ?? emptyMetrics;
  const lowest = headline === null ? byLoad(levels)[0]?.metrics.values : undefined;
  const counts = countKeys.flatMap((key) => (lowest && key in lowest ? [[key, lowest[key]]] : []));
  const values = { ...level.values, ...Object.fromEntries(counts), ...runWideMetrics(levels, slo) };
  return { ...level, values };
}

function byLoad(levels: readonly LevelSummary[]): LevelSummary[] {
  const load = (level: LevelSummary) =>
    level.load.kind === 'open' ? (level.load.rateRps ?? 0) : (level.load.maxConcurrency ?? 0);
  return [...levels].sort((a, b) => load(a) - load(b));
}
