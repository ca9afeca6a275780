import Table from 'cli-table3';
import type { LevelMetrics, LevelSummary, SloTemplate } from '../../model/index.ts';
import { formatInterval, formatNumber, formatShare, plainText } from '../format.ts';
import { inFlightText, loadName } from '../identity.ts';
import type { Paint } from './paint.ts';

interface Row {
  label: string;
  cell: (level: LevelSummary, paint: Paint) => string;
}

const latencies: readonly (readonly [string, string])[] = [
  ['TTFT', 'ttft'],
  ['ITL', 'itl'],
  ['TPOT', 'tpot'],
];

const rows: readonly Row[] = [
  ...latencies.flatMap(([name, family]) =>
    ['p50', 'p90', 'p99'].map((stat) => ({
      label: `${name} ${stat}, ms`,
      cell: (level: LevelSummary, paint: Paint) =>
        metricCell(level.metrics, `${family}_${stat}_ms`, paint),
    })),
  ),
  { label: 'Output tok/s', cell: (level) => formatNumber(level.metrics.values.throughput_tok_s) },
  { label: 'Requests/s', cell: (level) => formatNumber(level.metrics.values.requests_per_s) },
  { label: 'In flight', cell: (level) => inFlightText(level) },
  { label: 'Errors', cell: errorCell },
  { label: 'SLO', cell: sloCell },
];

/**
 * Levels side by side, metrics below each other; where the levels do not fit into `columns`
 * the table goes on in a second block. Of several SLOs each has a row, below the one of all.
 */
export function renderLevelTable(
  levels: readonly LevelSummary[],
  headline: number | null,
  columns: number,
  paint: Paint,
  slos: readonly SloTemplate[] = [],
): string {
  const used = [...rows, ...sloRows(slos)].filter(
    (row) => row.label !== 'SLO' || levels.some((level) => level.sloMet !== null || !level.valid),
  );
  const labelWidth = Math.max(...used.map((row) => row.label.length));
  const blocks: LevelSummary[][] = [];
  let room = 0;
  for (const level of inReadingOrder(levels)) {
    const width =
      2 +
      Math.max(
        ...[headOf(level, false), ...used.map((row) => row.cell(level, plain))].map(
          (cell) => cell.length,
        ),
      );
    if (blocks.length === 0 || width > room) {
      blocks.push([]);
      room = columns - labelWidth - 1;
    }
    blocks.at(-1)?.push(level);
    room -= width;
  }
  return blocks
    .map((block) => {
      const table = new Table({
        head: ['', ...block.map((level) => paint.bold(headOf(level, level.index === headline)))],
        colAligns: ['left', ...block.map(() => 'right' as const)],
        chars: borders,
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      });
      for (const row of used) {
        table.push([row.label, ...block.map((level) => `  ${row.cell(level, paint)}`)]);
      }
      return table.toString().replaceAll(/ +$/gm, '');
    })
    .join('\n\n');
}

const plain: Paint = {
  bold: String,
  dim: String,
  red: String,
  yellow: String,
  green: String,
  cyan: String,
};

const borders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

function headOf(level: LevelSummary, isHeadline: boolean): string {
  const launch = (level.launch ?? 1) > 1 ? ` #${level.launch}` : '';
  const role = level.role === 'sustained' ? ' sustained' : '';
  return `  ${plainText(loadName(level))}${role}${launch}${isHeadline ? '*' : ''}`;
}

/** A search jumps about: its levels by load, then the sustained run, then the other launches. */
function inReadingOrder(levels: readonly LevelSummary[]): LevelSummary[] {
  const place = ({ launch, role }: LevelSummary) =>
    2 * (launch ?? 1) + (role === 'sustained' ? 1 : 0);
  const load = (level: LevelSummary) => level.load.rateRps ?? 0;
  return [...levels].sort((a, b) => place(a) - place(b) || load(a) - load(b));
}

function metricCell(metrics: LevelMetrics, key: string, paint: Paint): string {
  if (metrics.values[key] == null) return formatNumber(null);
  const interval = formatInterval(metrics.intervals[key]);
  const flag = metrics.flags[key] === 'low-n' ? paint.yellow(' low n') : '';
  return `${formatNumber(metrics.values[key])}${interval === '' ? '' : paint.dim(interval)}${flag}`;
}

function errorCell(level: LevelSummary, paint: Paint): string {
  const { requests_failed: failed, error_share: share } = level.metrics.values;
  if (typeof failed !== 'number') return formatShare(share);
  if (failed === 0) return '0';
  return paint.red(`${failed} (${formatShare(share)})`);
}

function sloRows(slos: readonly SloTemplate[]): Row[] {
  if (slos.length < 2) return [];
  return slos.map(({ id }) => ({
    label: `SLO ${plainText(id)}`,
    cell: (level, paint) => {
      const outcome = level.slos?.find(({ criterion }) => criterion === id);
      return metText(outcome?.met ?? null, paint);
    },
  }));
}

function sloCell(level: LevelSummary, paint: Paint): string {
  if (!level.valid) return paint.red('invalid');
  return metText(level.sloMet, paint);
}

function metText(met: boolean | null, paint: Paint): string {
  if (met === null) return '—';
  return met ? paint.green('met') : paint.yellow('not met');
}
