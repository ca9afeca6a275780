import type { PeerMetric } from '../../metrics/index.ts';
import { formatNumber, plainText } from '../format.ts';
import { levelName } from '../identity.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import type { PeerLevel, PeerResult } from './peer-result.ts';

/** The object of `--json`: values by key, those here of the same name beside them. */
export function toPeerObject(result: PeerResult) {
  const { levels, ...rest } = result;
  return {
    ...rest,
    levels: levels.map(({ index, summary, metrics }) => ({
      index,
      load: summary?.load ?? null,
      metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
      ours: Object.fromEntries(
        metrics.flatMap(({ key, ours }) =>
          ours === null ? [] : [[key, { key: ours, value: oursOf(summary, ours) }]],
        ),
      ),
    })),
  };
}

/** A table for each level, then why numbers of the same name differ. */
export function renderPeer(
  result: PeerResult,
  { columns, color }: { columns: number; color: boolean },
): string {
  const paint = createPaint(color);
  const width = Math.max(40, columns);
  const say = (head: string, text: string) => hangingLines(head, plainText(text), width);
  return `${[
    ...say(
      '',
      `By the definitions of ${result.title} (${result.basis}); beside it the figure here that goes by the same name.`,
    ),
    '',
    ...result.levels.flatMap((level) => [
      paint.bold(plainText(headOf(level))),
      ...tableLines(rowsOf(level)),
      '',
    ]),
    paint.bold('Where the definitions differ'),
    ...result.differences.flatMap(({ metric, theirs, difference }) =>
      say(`${metric} / ${theirs}: `, difference),
    ),
    '',
    ...result.limits.flatMap((limit) => say('- ', limit)),
  ].join('\n')}\n`;
}

export function renderPeerMarkdown(result: PeerResult): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[
    `## By the definitions of ${result.title}`,
    '',
    `${result.basis}. Run \`${result.runId}\`.`,
    '',
    ...result.levels.flatMap((level) => [
      `### ${plainText(headOf(level))}`,
      '',
      line(headCells),
      line(['---', '---:', '---', '---', '---:']),
      ...rowsOf(level).map(([key = '', value = '', unit = '', ours = '', here = '']) =>
        line([`\`${key}\``, value, unit, ours === '' ? '' : `\`${ours}\``, here]),
      ),
      '',
    ]),
    line(['Here', 'There', 'Difference', 'Source']),
    line(['---', '---', '---', '---']),
    ...result.differences.map(({ metric, theirs, difference, source }) =>
      line([`\`${metric}\``, `\`${theirs}\``, difference, source]),
    ),
    '',
    ...result.limits.map((limit) => `- ${limit}`),
  ].join('\n')}\n`;
}

/** One row per level and figure (RFC 4180); an empty value means that there is none. */
export function renderPeerCsv(result: PeerResult): string {
  const rows = result.levels.flatMap(({ index, summary, metrics }) =>
    metrics.map(({ key, unit, value, ours }) => [
      ...[result.runId, result.definitions, index, key, value, unit, ours],
      ours === null ? null : oursOf(summary, ours),
    ]),
  );
  const head = ['run_id', 'definitions', 'level', 'key', 'value', 'unit', 'our_key', 'our_value'];
  return [head, ...rows]
    .map((cells) => `${cells.map((cell) => cell ?? '').join(',')}\r\n`)
    .join('');
}

const headCells = ['There', 'Value', 'Unit', 'Here', 'Value'];

const headOf = ({ index, summary }: PeerLevel) =>
  summary === null ? `Level ${index}` : levelName(summary);

function rowsOf({ summary, metrics }: PeerLevel): string[][] {
  return metrics.map(({ key, value, unit, ours }: PeerMetric) => [
    ...[key, formatNumber(value), unit],
    ...(ours === null ? ['', ''] : [ours, formatNumber(oursOf(summary, ours))]),
  ]);
}

function oursOf(summary: PeerLevel['summary'], key: string) {
  return summary?.metrics.values[key] ?? null;
}

function tableLines(rows: readonly string[][]): string[] {
  const all = [headCells, ...rows];
  const widths = headCells.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const isNumber = [false, true, false, false, true];
  return all.map((row) =>
    row
      .map((text, i) =>
        isNumber[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
