import type { Envelope } from '../../model/index.ts';
import { plainText } from '../format.ts';
import type { Report } from '../report.ts';

/**
 * Long form, one row per level and metric (RFC 4180): a new metric adds rows, never columns.
 * An empty value means not measured.
 */
export const csvReport: Report = {
  id: 'csv',
  title: 'CSV, one row per level and metric',
  render: ({ envelope }) => `${[header, ...rowsOf(envelope)].map(toLine).join('\r\n')}\r\n`,
};

const header = [
  ...['run_id', 'model', 'quant', 'engine', 'engine_version', 'hardware'],
  ...['level', 'load_kind', 'rate_rps', 'max_concurrency', 'concurrency_asked'],
  ...['concurrency_reached', 'arrival', 'valid', 'slo_met'],
  ...['metric', 'value', 'ci95_low', 'ci95_high', 'flag'],
];

type Cell = string | number | boolean | null | undefined;

function rowsOf(envelope: Envelope): Cell[][] {
  const { runId, model, engine, hardware } = envelope;
  const run: Cell[] = [
    ...[runId, model.asked, model.quant ?? model.quantAsked],
    ...[engine.id, engine.version, hardware.detected],
  ];
  return envelope.levels.flatMap(({ index, load, valid, sloMet, metrics }) => {
    const level: Cell[] = [
      ...[index, load.kind, load.rateRps, load.maxConcurrency, load.concurrencyAsked],
      ...[load.concurrencyReached, load.arrival, valid, sloMet],
    ];
    return Object.entries(metrics.values).map(([key, value]) => {
      const interval = metrics.intervals[key];
      return [...run, ...level, key, value, interval?.low, interval?.high, metrics.flags[key]];
    });
  });
}

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
