import {
  type Envelope,
  formatRate,
  type LaunchAggregate,
  type LevelSummary,
  offeredRate,
} from '../../model/index.ts';
import { formatNumber, missing } from '../format.ts';
import { levelName } from '../identity.ts';
import { unitOf } from '../metric-names.ts';
import { levelAt, slosOf } from './levels.ts';
import type { TableData } from './table.ts';

/** One level of the search, in the order in which it was run. */
export interface TraceStep {
  step: number;
  level: LevelSummary;
  rateRps: number;
  /** Null: nothing to judge by. */
  passed: boolean | null;
  /** Why, in a few words. */
  why: string;
}

export function sweepTrace(envelope: Envelope): TraceStep[] {
  const sweep = envelope.method?.sweep ?? null;
  if (sweep === null) return [];
  return sweep.levels.flatMap((index, i) => {
    const level = levelAt(envelope, index);
    const rateRps = level?.load.rateRps ?? null;
    if (level === null || rateRps === null) return [];
    return [{ step: i + 1, level, rateRps, ...outcomeOf(envelope, level) }];
  });
}

/** Valid, within every SLO asked for, and keeping up: as the search decided. */
function outcomeOf(
  envelope: Envelope,
  level: LevelSummary,
): { passed: boolean | null; why: string } {
  const ids = slosOf(envelope).map(({ id }) => id);
  const outcomes = (level.slos ?? []).filter(({ criterion }) => ids.includes(criterion));
  const missed = outcomes.filter(({ met }) => met === false).map(({ criterion }) => criterion);
  if (level.keepingUp?.verdict === 'falls-behind') return { passed: false, why: 'falls behind' };
  if (missed.length > 0) return { passed: false, why: `misses ${missed.join(', ')}` };
  if (!level.valid) return { passed: false, why: 'not valid' };
  if (outcomes.some(({ met }) => met === null)) return { passed: null, why: 'nothing to judge' };
  if (ids.length > 0) return { passed: true, why: 'meets every SLO' };
  const keeps = level.keepingUp?.verdict === 'keeps-up';
  return keeps ? { passed: true, why: 'keeps up' } : { passed: null, why: 'unknown' };
}

export function traceTable(envelope: Envelope): TableData | null {
  const steps = sweepTrace(envelope);
  if (steps.length === 0) return null;
  return {
    caption: 'Levels of the search in the order in which they were run',
    head: [
      ...['Step', 'Planned req/s', 'Arrived req/s', 'Outcome', 'Why'],
      ...['TTFT p99, ms', 'TPOT p99, ms', 'Requests'],
    ],
    rows: steps.map(({ step, level, rateRps, passed, why }) => [
      String(step),
      formatRate(rateRps),
      formatNumber(offeredRate(level)),
      passed === null ? 'undecided' : passed ? 'pass' : 'fail',
      why,
      formatNumber(level.metrics.values.ttft_p99_ms),
      formatNumber(level.metrics.values.tpot_p99_ms),
      formatNumber(level.metrics.values.requests_total ?? level.requestsPlanned),
    ]),
  };
}

export function sustainedSentence({ method }: Envelope): string | null {
  const result = method?.sustained ?? null;
  if (result === null) return null;
  const rate = result.rateRps === null ? '' : ` at ${formatRate(result.rateRps)} req/s`;
  const failed =
    result.failedRps.length === 0
      ? ''
      : ` Tried before and not held: ${result.failedRps.map(formatRate).join(', ')} req/s.`;
  return `${result.durationS} s${rate}: ${result.passed ? 'held' : 'not held'}. ${result.reason}${failed}`;
}

/** Which metrics the reader is shown across launches, when they were aggregated. */
const shownAcross = [
  'ttft_p50_ms',
  'ttft_p99_ms',
  'itl_p50_ms',
  'tpot_p99_ms',
  'throughput_tok_s',
  'goodput_req_s',
];

export function aggregatesShown({ method }: Envelope): LaunchAggregate[] {
  return (method?.acrossLaunches ?? []).filter(
    ({ metric, mean }) => mean !== null && shownAcross.includes(metric),
  );
}

export function aggregateLoad({ role, rateRps, maxConcurrency }: LaunchAggregate): string {
  const load =
    rateRps !== null ? `${formatRate(rateRps)} req/s` : `${maxConcurrency ?? '?'} in flight`;
  const words = { lower: 'bracket, low end', upper: 'bracket, high end', sustained: 'sustained' };
  return role in words ? `${load} (${words[role as keyof typeof words]})` : load;
}

export function launchTable(envelope: Envelope): TableData | null {
  const all = envelope.method?.acrossLaunches ?? [];
  const launches = envelope.method?.launches.length ?? 0;
  if (all.length === 0) return null;
  return {
    caption: 'The same load on several starts of the server; 95 % Student t interval of the mean',
    head: [
      ...['Load', 'Metric', 'Unit'],
      ...Array.from({ length: launches }, (_, i) => `Launch ${i + 1}`),
      ...['Mean', 'Interval'],
    ],
    rows: all.map((one) => [
      aggregateLoad(one),
      one.metric,
      unitOf(one.metric),
      ...Array.from({ length: launches }, (_, i) => formatNumber(one.values[i])),
      formatNumber(one.mean),
      one.low === null ? missing : `[${formatNumber(one.low)}, ${formatNumber(one.high)}]`,
    ]),
  };
}

/** When each start of the server was ready, and what its first request took. */
export function launchStarts({ method }: Envelope): TableData | null {
  const launches = method?.launches ?? [];
  if (launches.length < 2) return null;
  return {
    caption: 'Starts of the server',
    head: ['Launch', 'Seed', 'Ready after, ms', 'First request, ms', 'Levels'],
    rows: launches.map(({ launch, seed, readyMs, firstRequestMs, levels }) => [
      String(launch),
      String(seed),
      formatNumber(readyMs),
      formatNumber(firstRequestMs),
      String(levels.length),
    ]),
  };
}

/** The batch trade-off of the article: what more requests at once do to throughput and to each user. */
export function batchTable(levels: readonly LevelSummary[]): TableData | null {
  const rows = levels
    .filter(({ metrics }) => typeof metrics.values.throughput_tok_s === 'number')
    .map((level) => {
      const { throughput_tok_s: rate, itl_p50_ms: itl, tpot_p50_ms: tpot } = level.metrics.values;
      const perUser = typeof itl === 'number' && itl > 0 ? 1000 / itl : null;
      return [
        levelName(level),
        formatNumber(level.load.concurrencyReached),
        formatNumber(rate),
        formatNumber(itl),
        formatNumber(tpot),
        formatNumber(perUser),
      ];
    });
  if (rows.length === 0) return null;
  return {
    caption: 'Output throughput with the latency that it costs, by requests in flight',
    head: [
      'Load',
      'In flight, mean',
      'Output tok/s',
      'ITL p50, ms',
      'TPOT p50, ms',
      'tok/s per user',
    ],
    rows,
  };
}
