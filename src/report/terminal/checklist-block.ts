import type { Envelope } from '../../model/index.ts';
import { costText } from '../cost-text.ts';
import { plainText } from '../format.ts';
import { spendingText } from '../spending-text.ts';
import type { Paint } from './paint.ts';
import { hangingLines } from './wrap.ts';

export function renderCost(
  { method, spending }: Envelope,
  columns: number,
  paint: Paint,
): string[] {
  const dim = { head: paint.dim, text: paint.dim };
  const isOfInterest =
    spending !== undefined && (spending.usd !== null || spending.maxTotalTokens !== null);
  const lines = [
    ...(method?.cost ? hangingLines('Cost: ', costText(method.cost), columns, dim) : []),
    ...(isOfInterest ? hangingLines('Spent: ', spendingText(spending), columns, dim) : []),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

/** The methodology article's ten rows, each with the fact that decided it. */
export function renderChecklist({ method }: Envelope, columns: number, paint: Paint): string[] {
  const rows = method?.checklist ?? [];
  if (rows.length === 0) return [];
  const colour = { pass: paint.green, fail: paint.red, unknown: paint.yellow };
  const passed = rows.filter(({ verdict }) => verdict === 'pass').length;
  const width = Math.max(...rows.map(({ id }) => id.length));
  const lead = 'unknown'.length + 1;
  return [
    paint.bold(`Checklist: ${passed} of ${rows.length} pass`),
    ...rows.flatMap(({ id, verdict, fact }) => {
      const head = `${verdict.padEnd(lead)}${id.padEnd(width)}  `;
      return hangingLines(head, plainText(fact), columns, {
        head: (text) => colour[verdict](text.slice(0, lead)) + text.slice(lead),
      });
    }),
    '',
  ];
}
