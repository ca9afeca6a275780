import Table from 'cli-table3';
import type { TableData } from '../content/table.ts';
import type { Paint } from '../terminal/paint.ts';

const borders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** A table as lines of text, its caption above; `text`: columns of words, to the left like the first. */
export function textTable(
  { caption, head, rows }: TableData,
  paint: Paint,
  text: readonly number[] = [],
): string[] {
  const table = new Table({
    head: head.map(paint.bold),
    colAligns: head.map((_, i) => (i === 0 || text.includes(i) ? 'left' : 'right')),
    chars: borders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table.toString().replaceAll(/ +$/gm, '').split('\n');
  return caption === '' ? lines : [caption, ...lines];
}
