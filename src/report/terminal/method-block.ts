import {
  type Envelope,
  formatRate,
  formatRealisedRate,
  type Knee,
  type LaunchAggregate,
} from '../../model/index.ts';
import { formatNumber, plainText } from '../format.ts';
import { formatMetric } from '../metric-names.ts';
import type { Paint } from './paint.ts';
import { hangingLines, wrapText } from './wrap.ts';

const failures = {
  slo: 'misses it',
  'falls-behind': 'falls behind the arrivals',
  errors: 'has too many errors',
  invalid: 'is not fit to be judged',
} as const;

/** What the search, the sustained run and the other launches came to; empty without any of them. */
export function renderMethod({ method }: Envelope, columns: number, paint: Paint): string[] {
  if (!method) return [];
  const { sweep, sustained, launches, acrossLaunches } = method;
  const lines: string[] = [];
  if (sweep !== null && sweep.knees.length > 0) {
    lines.push(paint.bold('Highest rate that holds'));
    const width = Math.max(...sweep.knees.map(({ criterion }) => criterion.length));
    for (const knee of sweep.knees) {
      lines.push(
        ...hangingLines(`  ${plainText(knee.criterion).padEnd(width)}  `, kneeText(knee), columns),
      );
    }
    if (sweep.kind !== 'rates') {
      const ended = wrapText(`  Search ended: ${plainText(sweep.stopped)}.`, columns);
      lines.push(...ended.map(paint.dim));
    }
  }
  if (sustained !== null) {
    const color = sustained.passed ? paint.green : paint.yellow;
    const held = sustained.passed ? 'held' : 'not held';
    const head = `Sustained: ${held} | `;
    lines.push(
      ...hangingLines(head, plainText(sustained.reason), columns, {
        head: (text) => text.replace(held, color),
      }),
    );
  }
  if (launches.length > 1) lines.push(...launchLines(acrossLaunches, launches.length, paint));
  return lines.length === 0 ? [] : [...lines, ''];
}

function kneeText(knee: Knee): string {
  const { maxRateRps, offeredRps, failRps, failOfferedRps, failedBy, verdict } = knee;
  if (maxRateRps === null && failRps === null) return 'unknown: no level was judged';
  const fails =
    failRps === null
      ? 'none that was tried fails'
      : `${formatRealisedRate(failOfferedRps, failRps)} ${failures[failedBy ?? 'invalid']}`;
  if (maxRateRps === null) return `${failedBy === 'invalid' ? 'unknown' : 'none'}; ${fails}`;
  const proof = verdict === 'proven' ? 'proven at 95 %' : 'by what was seen, not proven at 95 %';
  return `${formatRealisedRate(offeredRps, maxRateRps)}, ${proof}; ${fails}`;
}

const shown = ['ttft_p50_ms', 'ttft_p99_ms', 'tpot_p50_ms', 'tpot_p99_ms', 'throughput_tok_s'];
const roles = {
  level: '',
  sweep: '',
  sustained: ', sustained',
  lower: ', lower end of the bracket',
  upper: ', upper end of the bracket',
} as const;

/** Student's t over the launches: how far another start of the server may be off. */
function launchLines(
  aggregates: readonly LaunchAggregate[],
  launches: number,
  paint: Paint,
): string[] {
  const loads = [...new Set(aggregates.map(loadName))];
  const width = Math.max(...shown.map((key) => key.length));
  return loads.flatMap((load) => [
    paint.bold(`Over ${launches} launches at ${load}`),
    ...aggregates
      .filter((one) => loadName(one) === load && shown.includes(one.metric) && one.mean !== null)
      .map(({ metric, mean, low, high, values }) => {
        const interval = low === null ? '' : ` [${formatNumber(low)}, ${formatNumber(high)}]`;
        const each = values.map((value) => formatNumber(value)).join(', ');
        return `  ${metric.padEnd(width)}  ${formatMetric(metric, mean)}${paint.dim(interval)}  of ${each}`;
      }),
  ]);
}

function loadName({ role, rateRps, maxConcurrency }: LaunchAggregate): string {
  const load =
    rateRps === null ? `${maxConcurrency ?? '?'} in flight` : `${formatRate(rateRps)} req/s`;
  return `${load}${roles[role]}`;
}
