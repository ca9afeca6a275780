import { type Envelope, formatRate, type LevelMetrics } from '../../model/index.ts';
import { selftestLine } from '../client-text.ts';
import { slosOf } from '../content/levels.ts';
import { formatInterval, missing, plainText } from '../format.ts';
import { headlineLevel, levelName } from '../identity.ts';
import {
  formatMetric,
  headlineKeys,
  intervalReason,
  throughputSentence,
  unitOf,
} from '../metric-names.ts';
import type { Paint } from './paint.ts';
import { wrapText } from './wrap.ts';

/** The metrics of the headline level under the keys that scripts and the document use. */
export function renderHeadline(envelope: Envelope, paint: Paint): string[] {
  const level = headlineLevel(envelope);
  // Above all where the client is the reason.
  if (!level) {
    return [paint.bold('No level to report'), ...clientLines(envelope, paint), ''];
  }
  const { metrics } = envelope;
  const keys = headlineKeys.filter(
    (key) => !neededForSlo.has(key) || envelope.slo !== null || metrics.values[key] != null,
  );
  const width = Math.max(...keys.map((key) => key.length));
  return [
    paint.bold(`Metrics at ${levelName(level)}: ${throughputSentence(metrics)}`),
    ...keys.map((key) => {
      const name = `  ${key.padEnd(width)}  `;
      const value = metrics.values[key];
      if (value === null || value === undefined) {
        const why = metrics.reasons?.[key];
        return `${name}${paint.dim(`not measured${why === undefined ? '' : `: ${plainText(why)}`}`)}`;
      }
      const unit = unitOf(key);
      const beside = key === 'goodput_at_slo' ? plannedText(metrics) : sloOf(envelope, key);
      const text = `${formatMetric(key, value)}${unit === '' ? '' : ` ${unit}`}${beside}`;
      const flag = metrics.flags[key] === 'low-n' ? paint.yellow('  low n') : '';
      const interval = formatInterval(metrics.intervals[key]);
      const reason = intervalReason(metrics, key);
      const after = interval !== '' ? interval : reason === '' ? '' : `  (${reason})`;
      return `${name}${text}${after === '' ? '' : paint.dim(after)}${flag}`;
    }),
    ...clientLines(envelope, paint),
    '',
  ];
}

/** ` (of chat)`: which of several SLOs a figure is of. */
function sloOf(envelope: Envelope, key: string): string {
  const several = slosOf(envelope).length > 1 && neededForSlo.has(key);
  return several && envelope.slo ? ` (of ${plainText(envelope.slo.id)})` : '';
}

/** ` (4 planned)`: a rate that was found is what arrived. */
function plannedText({ values }: LevelMetrics): string {
  const planned = values['goodput_at_slo_planned_rps'];
  return typeof planned === 'number' && planned > 0 ? ` (${formatRate(planned)} planned)` : '';
}

/** Whether the numbers above are the server's: the client's verdict on itself. */
function clientLines({ client, status }: Envelope, paint: Paint): string[] {
  if (client.verdict === null) {
    return status === 'partial'
      ? [
          `client: ${paint.yellow('unknown')} (the run was killed or broke off before the client was judged)`,
        ]
      : [];
  }
  const colour = { ok: paint.green, degraded: paint.yellow, bottleneck: paint.red };
  const selftest = selftestLine(client.selftest);
  return [
    `client: ${colour[client.verdict](client.verdict)} | ${client.reason ?? ''}`,
    ...(selftest === null ? [] : [paint.dim(`selftest of this host: ${selftest}`)]),
  ];
}

const neededForSlo = new Set(['goodput_at_slo_tok_s', 'goodput_req_s', 'slo_attainment']);

const tableKey = /^(ttft|itl|tpot)_p(50|90)_ms$/;

/** What the marks in the tables mean, only those that occur. */
export function renderLegend(envelope: Envelope, columns: number, paint: Paint): string[] {
  const metrics = envelope.levels.map((level) => level.metrics);
  const hasFlag = metrics.some((entry) => Object.keys(entry.flags).length > 0);
  // Only what the table shows: intervals of p99.9 would ask for hours.
  const intervals = metrics.flatMap((entry) =>
    Object.entries(entry.intervals).flatMap(([key, interval]) =>
      tableKey.test(key) ? [interval] : [],
    ),
  );
  const needed = intervals.flatMap((entry) =>
    entry.low === null && entry.neededS !== null ? [entry.neededS] : [],
  );
  const parts = [
    `${missing} not measured`,
    ...(headlineLevel(envelope) && envelope.levels.length > 1 ? ['* headline level'] : []),
    ...(intervals.some((entry) => entry.low !== null) ? ['[low, high] 95 % interval'] : []),
    ...(envelope.levels.some(({ launch }) => (launch ?? 1) > 1) ? ['#2 second launch'] : []),
    ...(hasFlag ? ['low n: rests on too few requests'] : []),
  ];
  const lines = wrapText(parts.join('; '), columns);
  if (intervals.some((entry) => entry.low === null)) {
    const enough =
      needed.length === 0 ? '' : `; ${Math.ceil(Math.max(...needed))} s a level would do`;
    lines.push(...wrapText(`no interval where a level is too short for one${enough}`, columns));
  }
  return lines.map(paint.dim);
}
