import type { LevelMetrics } from '../model/index.ts';
import { formatNumber, formatShare, type MetricValue } from './format.ts';

/** Rows that every per-level table shows, in reading order. */
export interface MetricRow {
  key: string;
  /** `TTFT` */
  group: string;
  /** `p50` */
  stat: string;
  unit: string;
}

const stats = ['mean', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99_9', 'max', 'stdev', 'tail_ratio'];

/** Families of metric keys, and the name each goes by in tables. */
const families: Readonly<Record<string, string>> = {
  ttft: 'TTFT',
  ttft_service: 'TTFT, service',
  itl: 'ITL',
  icl: 'ICL (chunks)',
  tpot: 'TPOT',
  e2e: 'E2E',
  e2e_service: 'E2E, service',
  ntpot: 'NTPOT',
  dispatch_lag: 'Dispatch lag',
};

export const familyMeaning: Readonly<Record<string, string>> = {
  TTFT: 'time to first token, from the intended send',
  ITL: 'gap between tokens, pooled over all tokens',
  ICL: 'gap between chunks as they came',
  TPOT: 'time per output token after the first, per request',
  E2E: 'whole response, from the intended send',
  NTPOT: 'E2E divided by output tokens',
};

/** `p99_9` -> `p99.9` */
function statLabel(stat: string): string {
  return stat === 'p99_9' ? 'p99.9' : stat.replaceAll('_', ' ');
}

/** All latency rows for which some level has a key, by family, then by statistic. */
export function latencyRows(levels: readonly LevelMetrics[]): MetricRow[] {
  const keys = new Set(levels.flatMap((metrics) => Object.keys(metrics.values)));
  return Object.entries(families).flatMap(([family, group]) =>
    stats
      .map((stat) => ({
        key: stat === 'tail_ratio' ? `${family}_tail_ratio` : `${family}_${stat}_ms`,
        group,
        stat: statLabel(stat),
        unit: stat === 'tail_ratio' ? '×' : 'ms',
      }))
      .filter((row) => keys.has(row.key)),
  );
}

/** The keys of the llm.inference document, which every headline names, measured or not. */
export const headlineKeys: readonly string[] = [
  'ttft_p50_ms',
  'ttft_p90_ms',
  'ttft_p99_ms',
  'itl_mean_ms',
  'itl_p50_ms',
  'itl_p99_ms',
  'tpot_p50_ms',
  'tpot_p99_ms',
  'e2e_p50_ms',
  'e2e_p99_ms',
  'throughput_tok_s',
  'requests_ok',
  'requests_failed',
  'error_share',
  'goodput_at_slo',
  'goodput_at_slo_tok_s',
  'goodput_req_s',
  'slo_attainment',
  'power_avg_w',
  'joules_per_token',
];

/** The unit of a metric key, read off its end; empty for counts. */
export function unitOf(key: string): string {
  if (key === 'goodput_at_slo') return 'req/s';
  if (key === 'joules_per_token' || key === 'energy_j') return 'J';
  if (key.startsWith('cost_usd_')) return 'USD';
  if (key.endsWith('_tok_s')) return 'tok/s';
  if (key.endsWith('_req_s')) return 'req/s';
  if (key.endsWith('_rps') || key === 'requests_per_s') return 'req/s';
  if (key.endsWith('_ms')) return 'ms';
  if (key.endsWith('_w')) return 'W';
  return '';
}

export function formatMetric(key: string, value: MetricValue): string {
  if (/(^|_)(share|attainment)$/.test(key)) return formatShare(value);
  return formatNumber(value);
}

const latencyBeside = [
  ['ITL', 'itl_p50_ms'],
  ['TPOT', 'tpot_p50_ms'],
  ['E2E', 'e2e_p50_ms'],
] as const;

/** `25.3 tok/s at 12.1 ms p50 ITL`: a throughput never stands without a latency beside it. */
export function throughputSentence(metrics: LevelMetrics): string {
  const { throughput_tok_s: rate } = metrics.values;
  const [name, latency] =
    latencyBeside
      .map(([label, key]) => [label, metrics.values[key]] as const)
      .find(([, value]) => typeof value === 'number') ?? [];
  if (name === undefined) {
    return typeof rate === 'number'
      ? 'throughput not shown: no latency was measured beside it'
      : 'throughput not measured, latency between tokens not measured';
  }
  const tokens =
    typeof rate === 'number' ? `${formatNumber(rate)} tok/s` : 'throughput not measured';
  return `${tokens} at ${formatNumber(latency)} ms p50 ${name}`;
}

/** Why a value has no interval, in words; empty when it has one or none is defined for it. */
export function intervalReason(metrics: LevelMetrics, key: string): string {
  const interval = metrics.intervals[key];
  if (!interval || interval.low !== null) return '';
  const needed = interval.neededS === null ? '' : `, ${Math.ceil(interval.neededS)} s would do`;
  return `too short for an interval${needed}`;
}
