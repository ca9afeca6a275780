import type { Comparison, MetricComparison } from '../../model/index.ts';
import type { TableData } from '../content/table.ts';
import { formatNumber, missing } from '../format.ts';
import {
  blockValue,
  changeInterval,
  changeText,
  designText,
  pText,
  shareText,
  toggleRows,
  toggleTitle,
  verdictText,
} from './words.ts';

/** Who was compared and how, for the head of every medium. */
export function sideFacts({ sides }: Comparison): [label: string, describe: string][] {
  return sides.map(({ label, describe }) => [label, describe === '' ? 'as given' : describe]);
}

export function headFacts(comparison: Comparison): [name: string, text: string][] {
  return [...sideFacts(comparison), ['Design', designText(comparison)]];
}

type Cell = (row: MetricComparison) => string;

/** Every column that a table of metrics may have. */
const columns = {
  metric: ['Metric', ({ title }) => title],
  key: ['Metric', ({ metric }) => metric],
  verdict: ['Verdict', verdictText],
  a: ['A', ({ a, unit }) => valueText(a, unit)],
  b: ['B', ({ b, unit }) => valueText(b, unit)],
  change: ['B / A', ({ ratio }) => changeText(ratio)],
  interval: ['95 % interval', ({ low, high }) => changeInterval(low, high) || missing],
  p: ['p', ({ p }) => pText(p)],
  pHolm: ['p (Holm)', ({ pHolm }) => pText(pHolm)],
  pTested: ['p (Holm)', ({ primary, pHolm }) => (primary ? pText(pHolm) : 'no test')],
  wilcoxon: ['Wilcoxon', ({ primary, wilcoxon }) => (primary ? pText(wilcoxon.p) : '')],
  detectable: ['Detectable', ({ detectableShare }) => shareText(detectableShare)],
  floor: [
    'A / A',
    ({ noiseFloor }) =>
      noiseFloor === null ? missing : changeInterval(noiseFloor.low, noiseFloor.high),
  ],
  values: ['Values', ({ n }) => (n.a === n.b ? `${n.a}` : `${n.a} and ${n.b}`)],
} as const satisfies Record<string, readonly [head: string, cell: Cell]>;

export type MetricColumn = keyof typeof columns;

/** One row a metric, with the columns that the medium has room for. */
export function metricTable(
  caption: string,
  rows: readonly MetricComparison[],
  shown: readonly MetricColumn[],
): TableData {
  return {
    caption,
    head: shown.map((id) => columns[id][0]),
    rows: rows.map((row) => shown.map((id) => columns[id][1](row))),
  };
}

const valueText = (value: number | null, unit: string) => `${formatNumber(value)} ${unit}`;

/** What each block came to. */
export function blockTable({ blocks }: Comparison, rows: readonly MetricComparison[]): TableData {
  return {
    caption: 'Values of each block',
    head: ['Block', 'Order', ...rows.flatMap(({ metric }) => [`A ${metric}`, `B ${metric}`]), ''],
    rows: blocks.map((block) => [
      String(block.index + 1),
      block.order.map((turn) => (turn === 'again' ? 'A again' : turn)).join(', ') || missing,
      ...rows.flatMap(({ metric }) => {
        const { a, b } = blockValue(block, metric);
        return [formatNumber(a), formatNumber(b)];
      }),
      block.valid ? '' : (block.reason ?? 'left out'),
    ]),
  };
}

/** The article's direction for an optimisation beside what was measured; null without `--toggle`. */
export function toggleTable(comparison: Comparison): TableData | null {
  if (comparison.toggle === null) return null;
  return {
    caption: toggleTitle(comparison),
    head: ['', 'The article expects', 'Measured'],
    rows: toggleRows(comparison),
  };
}

/** Where the contexts of the sides differ; null where they do not. */
export function mismatchTable({ mismatches }: Comparison): TableData | null {
  if (mismatches.length === 0) return null;
  return {
    caption: 'The sides differ in',
    head: ['', 'A', 'B'],
    rows: mismatches.map(({ field, a, b, allowed }) => [
      allowed ? field : `${field} (refused)`,
      a,
      b,
    ]),
  };
}
