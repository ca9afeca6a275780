import type { Comparison } from '../../model/index.ts';
import { escapeMarkdown, renderTable } from '../markdown/markup.ts';
import { headFacts, metricTable, mismatchTable, toggleTable } from './tables.ts';
import { gateText, headlineText, legendText, primaryRows } from './words.ts';

/** For pull requests: verdicts, one table, findings. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { findings, tool, comparisonId, startedAt, status } = comparison;
  const toggle = toggleTable(comparison);
  const mismatches = mismatchTable(comparison);
  const gate = gateText(comparison);
  const metrics = metricTable('', primaryRows(comparison), [
    ...(['key', 'a', 'b', 'change', 'interval', 'pHolm', 'detectable', 'verdict'] as const),
  ]);
  const rows = metrics.rows.map(([key = '', ...cells]) => [`\`${key}\``, ...cells]);
  const lines = [
    `## ${escapeMarkdown(headlineText(comparison))}`,
    '',
    ...(status === 'complete' ? [] : [`**Status: ${status}.**`, '']),
    ...headFacts(comparison).map(([name, text]) => `- ${name}: ${escapeMarkdown(text)}`),
    `- Comparison: \`${comparisonId}\`, ${startedAt}, inferencebench ${tool.version}`,
    '',
    ...(gate === null ? [] : [`**${escapeMarkdown(gate.text)}.**`, '']),
    ...renderTable({ ...metrics, rows }, [7], [0]),
    '',
    legendText(comparison),
    '',
    ...(toggle === null ? [] : [...renderTable(toggle, [1, 2]), '']),
    ...(mismatches === null ? [] : [...renderTable(mismatches, [1, 2]), '']),
    ...(findings.length === 0
      ? ['No findings.']
      : findings.map(
          ({ severity, code, message }) =>
            `- **${severity}** \`${code}\`: ${escapeMarkdown(message)}`,
        )),
  ];
  return `${lines.join('\n')}\n`;
}
