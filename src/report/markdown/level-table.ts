import type { Envelope, LevelSummary } from '../../model/index.ts';
import { levelsByLoad } from '../content/levels.ts';
import { formatInterval, formatNumber, formatShare } from '../format.ts';
import { headlineLevel, inFlightText, levelName } from '../identity.ts';
import { escapeMarkdown } from './markup.ts';

const latencyColumns: readonly (readonly [string, string])[] = [
  ['TTFT p50', 'ttft_p50_ms'],
  ['TTFT p99', 'ttft_p99_ms'],
  ['ITL p50', 'itl_p50_ms'],
  ['ITL p99', 'itl_p99_ms'],
  ['TPOT p50', 'tpot_p50_ms'],
  ['TPOT p99', 'tpot_p99_ms'],
];

/** One row a level, the headline level strong. */
export function levelTable(envelope: Envelope): string[] {
  if (envelope.levels.length === 0) return [];
  const head = [
    ...['Load', ...latencyColumns.map(([name]) => `${name}, ms`)],
    ...['Output tok/s', 'Req/s', 'In flight', 'Errors', 'SLO', 'Keeps up'],
  ];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(head),
    row(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...levelsByLoad(envelope).map((level) => {
      const name = escapeMarkdown(levelName(level));
      const strong = level === headlineLevel(envelope);
      return row([strong ? `**${name}**` : name, ...levelCells(level)]);
    }),
    '',
    'Brackets: 95 % interval. `low n`: rests on too few requests. —: not measured.',
  ];
}

const keepsUp = { 'keeps-up': 'yes', 'falls-behind': 'no', unknown: '?' } as const;

function levelCells(level: LevelSummary): string[] {
  const { values, intervals, flags } = level.metrics;
  return [
    ...latencyColumns.map(([, key]) => {
      const flag = flags[key] === 'low-n' ? ' `low n`' : '';
      return `${formatNumber(values[key])}${formatInterval(intervals[key])}${flag}`;
    }),
    formatNumber(values.throughput_tok_s),
    formatNumber(values.requests_per_s),
    inFlightText(level),
    formatShare(values.error_share),
    !level.valid ? 'invalid' : level.sloMet === null ? '—' : level.sloMet ? 'met' : 'not met',
    level.keepingUp === undefined ? '—' : keepsUp[level.keepingUp.verdict],
  ];
}
