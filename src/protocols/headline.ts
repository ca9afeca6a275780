import {
  formatRate,
  type LevelMetrics,
  type LevelSummary,
  type MetricValues,
  offeredRate,
  type SloTemplate,
} from '../model/index.ts';
import { doubtsOf, isPlainLevel, isSearchLevel, isUnfit } from './find-knees.ts';
import { runWideDefinitions } from './run-wide.ts';

/**
 * The level a run is quoted by: the sustained run of the first launch where it passed, else the
 * highest valid level that meets every SLO and keeps up, else the lowest valid level; null when no
 * level is valid. Levels are taken in order of load. A rate that a sustained run did not hold is
 * not quoted for having passed a shorter one.
 */
export function headlineLevel(
  levels: readonly LevelSummary[],
  slo: SloTemplate | null,
): number | null {
  const first = levels.filter((level) => (level.launch ?? 1) === 1 && level.valid);
  const sustained = first.filter((level) => level.role === 'sustained');
  const held = sustained.find((level) => passes(level) && (slo === null || meetsEvery(level)));
  if (held !== undefined) return held.index;
  const notHeldRps = Math.min(...sustained.map(({ load }) => load.rateRps ?? Infinity));
  const valid = byLoad(first.filter(isPlainLevel));
  const meeting =
    slo === null
      ? []
      : valid.filter(
          (level) => meetsEvery(level) && passes(level) && (level.load.rateRps ?? 0) < notHeldRps,
        );
  return (meeting.at(-1) ?? valid[0])?.index ?? null;
}

/** Keys of the goodput that a search comes to. */
export const goodputKeys = [
  'goodput_at_slo',
  'goodput_at_slo_planned_rps',
  'goodput_at_slo_tok_s',
] as const;

/** Metric keys that belong to the run rather than to one level; null = not measured. */
export const runWideKeys = runWideDefinitions.map(({ id }) => id);

const passes = (level: LevelSummary) => level.keepingUp?.verdict !== 'falls-behind';

/** In results of versions before, `sloMet` is of the first SLO alone. */
const meetsEvery = ({ sloMet, slos = [] }: LevelSummary) =>
  sloMet === true && slos.every(({ met }) => met !== false);

/**
 * `goodput_at_slo`: what arrived per second at the highest level of an open-loop sweep at which
 * every SLO was met and the server kept up, with every lower level doing so too (the last before the
 * first failure); the rate planned for it where arrivals were not counted. Null without an SLO or
 * without a sweep (two open-loop levels), and where the lowest is not fit to be judged and none passes;
 * 0 when even the lowest fails.
 */
export function runWideMetrics(
  levels: readonly LevelSummary[],
  slo: SloTemplate | null,
): MetricValues {
  const values: MetricValues = Object.fromEntries(runWideKeys.map((key) => [key, null]));
  const sweep = byLoad(levels).filter(isSearchLevel);
  if (slo === null || sweep.length < 2) return values;
  let best: LevelSummary | null = null;
  if (unjudged(levels, slo) !== null) return values;
  for (const level of sweep) {
    if (isUnfit(level)) continue;
    if (!level.valid || !meetsEvery(level) || !passes(level)) break;
    best = level;
  }
  const plannedRps = best === null ? 0 : best.load.rateRps;
  values['goodput_at_slo'] = offeredRate(best) ?? plannedRps;
  values['goodput_at_slo_planned_rps'] = plannedRps;
  values['goodput_at_slo_tok_s'] =
    best === null ? 0 : (best.metrics.values['goodput_tok_s'] ?? null);
  return values;
}

/** Why no rate can be named although levels were swept: `1 req/s is not fit to be judged: ...`. */
function unjudged(levels: readonly LevelSummary[], slo: SloTemplate | null): string | null {
  const sweep = byLoad(levels).filter(isSearchLevel);
  const [lowest] = sweep;
  if (slo === null || lowest === undefined || sweep.length < 2 || !isUnfit(lowest)) return null;
  const judged = sweep.find((level) => !isUnfit(level));
  if (judged !== undefined && judged.valid && meetsEvery(judged) && passes(judged)) return null;
  return `${formatRate(lowest.load.rateRps ?? 0)} req/s is not fit to be judged: ${doubtsOf(lowest)}`;
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
  const why = unjudged(levels, slo);
  const reasons = why === null ? {} : Object.fromEntries(goodputKeys.map((key) => [key, why]));
  return { ...level, values, ...(why !== null && { reasons: { ...level.reasons, ...reasons } }) };
}

function byLoad(levels: readonly LevelSummary[]): LevelSummary[] {
  const load = (level: LevelSummary) =>
    level.load.kind === 'open' ? (level.load.rateRps ?? 0) : (level.load.maxConcurrency ?? 0);
  return [...levels].sort((a, b) => load(a) - load(b));
}
