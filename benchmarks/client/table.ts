import type { Cell } from './cells.ts';
import type { Figures } from './figures.ts';
import { keepsUp, tableRows } from './goals.ts';
import { quantile, sorted } from './statistics.ts';

/** One run of one client. */
export interface Result {
  cell: string;
  client: string;
  round: number;
  /** Null when the client failed; `note` then says how. */
  figures: Figures | null;
  note: string;
  /** The mock or the machine was disturbed: kept in the file, left out where others are there. */
  disturbed: boolean;
}

const ratios = [
  { title: 'ours/C', peer: 'c-reader' },
  { title: 'ours/Rust', peer: 'vllm-bench' },
  { title: 'ours/Python', peer: 'vllm-serve' },
] as const;

/** Every figure that has a goal, in one table: medians, and whether ours is good enough. */
export function renderGoals(
  measured: readonly Cell[],
  clients: readonly string[],
  results: readonly Result[],
): string {
  const rows = measured.flatMap((cell) => {
    const of = (client: string) =>
      results.filter((result) => result.cell === cell.id && result.client === client);
    return tableRows(cell.measure, cell.id).flatMap((row) => {
      const { goal } = row;
      if (goal === undefined) return [];
      const medians: Record<string, number> = {};
      for (const client of clients) {
        const values = valuesOf(of(client), row.figure);
        if (values.length > 0) medians[client] = quantile(values, 0.5);
      }
      const { ours } = medians;
      const met = ours === undefined ? null : goal.met(ours, medians);
      return [
        [
          cell.id,
          row.figure,
          ...clients.map((client) => medians[client]?.toFixed(row.digits) ?? '-'),
          ...ratios.map(({ peer }) => ratio(ours, medians[peer])),
          goal.text,
          met === null ? 'not told' : met ? 'met' : 'MISSED',
        ],
      ];
    });
  });
  const header = ['', '', ...clients, ...ratios.map(({ title }) => title), 'goal', ''];
  return ['\n## Goals (medians)', renderTable([header, ...rows])].join('\n');
}

export function renderCell(cell: Cell, clients: readonly string[], results: readonly Result[]) {
  const of = (client: string) =>
    results.filter((result) => result.cell === cell.id && result.client === client);
  const shown = clients.filter((client) => of(client).length > 0);
  const header = ['', ...shown, ...ratios.map(({ title }) => title), 'goal', ''];
  const body = tableRows(cell.measure, cell.id).map((row) => {
    const medians: Record<string, number> = {};
    const texts = shown.map((client) => {
      const values = valuesOf(of(client), row.figure);
      if (values.length === 0) return '-';
      medians[client] = quantile(values, 0.5);
      return withRange(values, row.digits);
    });
    const ours = medians['ours'];
    const met = ours === undefined ? null : (row.goal?.met(ours, medians) ?? null);
    return [
      row.figure,
      ...texts,
      ...ratios.map(({ peer }) => ratio(ours, medians[peer])),
      row.goal?.text ?? '',
      met === null ? '' : met ? 'met' : 'MISSED',
    ];
  });
  const notes = results
    .filter((result) => result.cell === cell.id && result.note !== '')
    .map((result) => `  round ${result.round}, ${result.client}: ${result.note}`);
  return [`\n## ${cell.id}: ${cell.title}`, renderTable([header, ...body]), ...notes].join('\n');
}

/** The highest rung of the ladder that each client keeps up with, by the medians of its rounds. */
export function renderLadder(
  rungs: readonly Cell[],
  clients: readonly string[],
  results: readonly Result[],
): string {
  const lines = clients.map((client) => {
    const passed = rungs.filter((cell) => {
      const runs = results.filter((r) => r.cell === cell.id && r.client === client);
      if (runs.length === 0 || cell.load.kind !== 'closed') return false;
      const names = [
        'E2E error, mean, ms',
        'ITL error, each token, p99, ms',
        'in flight reached',
      ] as const;
      const medians = Object.fromEntries(
        names.map((name) => [name, quantile(valuesOf(runs, name), 0.5)]),
      );
      return keepsUp(medians, cell.load.streams);
    });
    const best = passed.at(-1);
    const text =
      best === undefined || best.load.kind !== 'closed'
        ? 'none of the rungs measured'
        : `${((best.load.streams * 100) / 1000).toFixed(1)} k tok/s`;
    return [client, text, passed.map(({ id }) => id).join(' ')];
  });
  return [
    '\n## Highest rate with E2E error <= 10 ms, ITL p99 error <= 5 ms and >= 97 % in flight (goal: 102 k tok/s)',
    renderTable(lines),
  ].join('\n');
}

function valuesOf(results: readonly Result[], figure: string): Float64Array {
  const good = results.filter((result) => result.figures !== null);
  const quiet = good.filter((result) => !result.disturbed);
  const values = (quiet.length > 0 ? quiet : good).map((r) => r.figures?.[figure] ?? Number.NaN);
  return sorted(values.filter((value) => !Number.isNaN(value)));
}

function withRange(values: Float64Array, digits: number): string {
  const middle = quantile(values, 0.5).toFixed(digits);
  if (values.length === 1) return middle;
  return `${middle} [${values[0]?.toFixed(digits)}..${values.at(-1)?.toFixed(digits)}]`;
}

function ratio(ours: number | undefined, peer: number | undefined): string {
  if (ours === undefined || peer === undefined || peer === 0) return '';
  return (ours / peer).toFixed(2);
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}
