import Table from 'cli-table3';
import type { Comparison } from '../../model/index.ts';
import { missing, plainText } from '../format.ts';
import { createPaint, type Paint } from '../terminal/paint.ts';
import { hangingLines, wrapText } from '../terminal/wrap.ts';
import { headFacts, metricTable, mismatchTable } from './tables.ts';
import {
  gateText,
  headlineText,
  legendText,
  otherRows,
  primaryRows,
  toggleRows,
  toggleTitle,
  verdictText,
  verdictTone,
} from './words.ts';

/** What `bench compare` prints: sides, verdicts, one table, findings. */
export function renderComparison(
  comparison: Comparison,
  options: { columns: number; color: boolean },
): string {
  const paint = createPaint(options.color);
  const columns = Math.max(60, options.columns);
  const { results, findings, status, error } = comparison;
  const lines: string[] = [];
  const field = (name: string, text: string) =>
    lines.push(...hangingLines(`${name}:`.padEnd(10), plainText(text), columns));
  field('Id', comparison.comparisonId);
  for (const [name, text] of headFacts(comparison)) field(name, text);
  lines.push('');
  if (status === 'partial') {
    lines.push(paint.yellow('PARTIAL: not every block was measured; whole blocks are below.'));
  }
  if (error !== null) {
    lines.push(...wrapText(plainText(`${error.code}: ${error.message}`), columns).map(paint.red));
  }
  lines.push(...wrapText(headlineText(comparison), columns).map(paint.bold), '');
  const color = { good: paint.green, bad: paint.red, warn: paint.yellow, plain: String };
  for (const row of primaryRows(comparison)) {
    const tone = color[verdictTone(row)];
    const both = { head: tone, text: tone };
    lines.push(...hangingLines(`  ${row.title}: `, verdictText(row), columns, both));
  }
  lines.push('', renderTable(comparison, paint), '');
  lines.push(...wrapText(legendText(comparison), columns).map(paint.dim), '');
  const notes = new Set(results.flatMap(({ wilcoxon }) => wilcoxon.note ?? []));
  for (const note of notes) lines.push(...wrapText(`Wilcoxon: ${note}.`, columns), '');
  const toggled = toggleRows(comparison);
  if (toggled.length > 0) {
    lines.push(
      paint.bold(`${toggleTitle(comparison)}: what the article expects, what was measured`),
    );
    for (const [aspect, expected, measured] of toggled) {
      lines.push(`  ${aspect.padEnd(11)} ${expected.padEnd(7)} ${measured}`);
    }
    lines.push('');
  }
  const gate = gateText(comparison);
  if (gate !== null) {
    lines.push(...wrapText(gate.text, columns).map(color[gate.tone]), '');
  }
  const mismatches = mismatchTable(comparison)?.rows ?? [];
  for (const [name, a, b] of mismatches) {
    lines.push(...hangingLines(`Differs, ${name}: `, plainText(`A ${a}, B ${b}`), columns));
  }
  if (mismatches.length > 0) lines.push('');
  const tint = { info: paint.cyan, warning: paint.yellow, invalid: paint.red };
  for (const { severity, code, message } of findings) {
    const text = plainText(`${code}: ${message}`);
    const head = tint[severity];
    lines.push(...hangingLines(`${severity.padEnd(7)} `, text, columns, { head }));
  }
  return lines.join('\n').trimEnd();
}

const borders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

function renderTable(comparison: Comparison, paint: Paint): string {
  const measured = [...primaryRows(comparison), ...otherRows(comparison)];
  const floors = measured.some(({ noiseFloor }) => noiseFloor !== null);
  const { head, rows } = metricTable('', measured, [
    ...(['key', 'a', 'b', 'change', 'interval', 'pTested', 'wilcoxon', 'detectable'] as const),
    ...(floors ? (['floor'] as const) : []),
  ]);
  const table = new Table({
    head: ['', ...head.slice(1)].map(paint.bold),
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
    chars: borders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  rows.forEach(([name = missing, ...cells], i) => {
    table.push([measured[i]?.primary ? name : paint.dim(name), ...cells]);
  });
  return table.toString().replaceAll(/ +$/gm, '');
}
