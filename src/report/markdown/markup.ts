import type { TableData } from '../content/table.ts';
import { plainText } from '../format.ts';

/**
 * A table of GitHub's Markdown, its caption in a line of its own.
 * @param text columns that are prose, to the left like the first
 * @param raw columns whose cells are markup already
 */
export function renderTable(
  { caption, head, rows }: TableData,
  text: readonly number[] = [],
  raw: readonly number[] = [],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const isText = (column: number) => column === 0 || text.includes(column);
  return [
    ...(caption === '' ? [] : [`${escapeMarkdown(caption)}:`, '']),
    line(head.map(escapeMarkdown)),
    line(head.map((_, column) => (isText(column) ? '---' : '---:'))),
    ...rows.map((cells) =>
      line(cells.map((cell, column) => (raw.includes(column) ? cell : escapeMarkdown(cell)))),
    ),
  ];
}

export function codeBlock(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, text, fence];
}

/** Text from outside stays text: no markup, no HTML, no new table cell. */
export function escapeMarkdown(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|#]/g, '\\$&');
}
