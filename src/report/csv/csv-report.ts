import type { Envelope, LevelSummary } from '../../model/index.ts';
import { levelsByLoad, slosOf } from '../content/levels.ts';
import { plainText } from '../format.ts';
import type { Report } from '../report.ts';

/**
 * One row per level (RFC 4180): what was run and asked, then a column for each metric that any
 * level has, and its interval. An empty cell means not measured. `low_n` names the metrics that
 * rest on too few requests.
 */
export const csvReport: Report = {
  id: 'csv',
  title: 'CSV, one row per level',
  render: ({ envelope }) => {
    const columns = columnsOf(envelope);
    const rows = levelsByLoad(envelope).map((level) => columns.map(([, cell]) => cell(level)));
    const lines = [columns.map(([name]) => name), ...rows].map(toLine);
    return `${lines.join('\r\n')}\r\n`;
  },
};

type Cell = string | number | boolean | null | undefined;
type Column = readonly [name: string, cell: (level: LevelSummary) => Cell];

function columnsOf(envelope: Envelope): Column[] {
  const { runId, model, engine, hardware, levels } = envelope;
  const keys = [...new Set(levels.flatMap(({ metrics }) => Object.keys(metrics.values)))];
  const withInterval = new Set(levels.flatMap(({ metrics }) => Object.keys(metrics.intervals)));
  return [
    ['run_id', () => runId],
    ['model', () => model.asked],
    ['quant', () => model.quant ?? model.quantAsked],
    ['engine', () => engine.id],
    ['engine_version', () => engine.version],
    ['hardware', () => hardware.detected],
    ['level', ({ index }) => index],
    ['role', ({ role = 'level' }) => role],
    ['launch', ({ launch = 1 }) => launch],
    ['headline', ({ index }) => index === levels[envelope.headline ?? -1]?.index],
    ['load_kind', ({ load }) => load.kind],
    ['rate_rps', ({ load }) => load.rateRps],
    ['max_concurrency', ({ load }) => load.maxConcurrency],
    ['concurrency_asked', ({ load }) => load.concurrencyAsked],
    ['concurrency_reached', ({ load }) => load.concurrencyReached],
    ['arrival', ({ load }) => load.arrival],
    ['window_s', (level) => (level.windowEndUs - level.windowStartUs) / 1e6],
    ['status', ({ status }) => status],
    ['valid', ({ valid }) => valid],
    ['slo_met', ({ sloMet }) => sloMet],
    ...slosOf(envelope).flatMap(({ id }): Column[] => [
      [`slo_${id}_within`, (level) => outcomeOf(level, id)?.attained],
      [`slo_${id}_verdict`, (level) => outcomeOf(level, id)?.verdict],
    ]),
    ['keeps_up', ({ keepingUp }) => keepingUp?.verdict],
    ['lead_in_passed', ({ leadIn }) => leadIn?.passed],
    ['steady', ({ steady }) => steady?.steady],
    ['client', ({ client }) => client?.verdict],
    ...keys.flatMap((key): Column[] => [
      [key, ({ metrics }) => metrics.values[key]],
      ...(withInterval.has(key) ? intervalColumns(key) : []),
    ]),
    ['low_n', ({ metrics }) => Object.keys(metrics.flags).join(' ')],
  ];
}

function intervalColumns(key: string): Column[] {
  return [
    [`${key}_ci95_low`, ({ metrics }) => metrics.intervals[key]?.low],
    [`${key}_ci95_high`, ({ metrics }) => metrics.intervals[key]?.high],
  ];
}

const outcomeOf = (level: LevelSummary, id: string) =>
  level.slos?.find(({ criterion }) => criterion === id);

function toLine(cells: readonly Cell[]): string {
  return cells.map((cell) => toField(cell)).join(',');
}

/** Text that a spreadsheet would take for a formula gets an apostrophe in front. */
function toField(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = plainText(cell);
  const text = /^[=+\-@\t\r]/.test(safe) ? `'${safe}` : safe;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
