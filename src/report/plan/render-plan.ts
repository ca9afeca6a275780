import type { CapacityPlan } from '../../model/index.ts';
import { plainText } from '../format.ts';
import { escapeMarkdown, renderTable } from '../markdown/markup.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import { planFacts, planTable } from './plan-rows.ts';

/** A plan for the terminal. */
export function renderPlan(
  plan: CapacityPlan,
  { columns, color }: { columns: number; color: boolean },
): string {
  const paint = createPaint(color);
  const width = Math.max(40, columns);
  const { head, rows } = planTable(plan);
  const widths = head.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => cell(row, i).length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ');
  const colour = { info: paint.cyan, warning: paint.yellow, invalid: paint.red };
  return `${[
    ...planFacts(plan).flatMap(([name, text]) =>
      hangingLines(`${name}:`.padEnd(14), plainText(text), width),
    ),
    '',
    paint.bold(line(head)),
    ...rows.map(line),
    '',
    ...plan.findings.flatMap(({ severity, code, message }) =>
      hangingLines(`${severity.padEnd(7)} `, plainText(`${code}: ${message}`), width, {
        head: colour[severity],
      }),
    ),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const cell = (row: readonly string[], i: number) => row[i] ?? '';

/** A plan as Markdown, for notes and reviews. */
export function renderPlanMarkdown(plan: CapacityPlan): string {
  const { head, rows } = planTable(plan);
  return `${[
    `## Capacity for ${plan.targetRps} req/s`,
    '',
    ...planFacts(plan).map(([name, text]) => `- ${name}: ${escapeMarkdown(text)}`),
    `- Result: \`${plan.runId}\``,
    '',
    ...renderTable({ caption: '', head, rows }, [1]),
    '',
    ...plan.findings.map(
      ({ severity, code, message }) => `- **${severity}** \`${code}\`: ${escapeMarkdown(message)}`,
    ),
  ].join('\n')}\n`;
}
