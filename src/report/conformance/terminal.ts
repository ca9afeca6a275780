import {
  type Conformance,
  type ConformanceVerdict,
  conformanceVerdicts,
} from '../../model/index.ts';
import { plainText } from '../format.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import { conformanceFacts } from './facts.ts';

const verdictWidth = 8;

/** What `bench conform` prints: verdict, row, evidence, and below it what that means. */
export function renderConformance(
  conformance: Conformance,
  { columns, color }: { columns: number; color: boolean },
): string {
  const paint = createPaint(color);
  const width = Math.max(60, columns);
  const idWidth = Math.max(0, ...conformance.rows.map(({ id }) => id.length));
  const colours: Record<ConformanceVerdict, (text: string) => string> = {
    ...{ yes: paint.green, partial: paint.yellow, ignored: paint.yellow },
    ...{ no: paint.cyan, error: paint.red, unknown: paint.dim },
  };
  const lines = conformance.rows.flatMap(({ id, verdict, evidence, meaning }, i) => {
    const family = id.split('.')[0];
    const isFirst = family !== conformance.rows[i - 1]?.id.split('.')[0];
    const head = `${verdict.padEnd(verdictWidth)} ${id.padEnd(idWidth)}  `;
    const below = ' '.repeat(verdictWidth + 1 + idWidth + 2);
    return [
      ...(isFirst ? [''] : []),
      ...hangingLines(head, plainText(evidence), width, { head: colours[verdict] }),
      ...hangingLines(below, plainText(meaning), width, { text: paint.dim }),
    ];
  });
  const counts = conformanceVerdicts
    .map((verdict) => [verdict, conformance.rows.filter((row) => row.verdict === verdict).length])
    .filter(([, n]) => n !== 0);
  return `${[
    ...conformanceFacts(conformance).flatMap(([name, text]) =>
      hangingLines(`${name}:`.padEnd(16), plainText(text), width),
    ),
    ...lines,
    '',
    counts.map(([verdict, n]) => `${n} ${verdict}`).join(', '),
  ].join('\n')}\n`;
}
