/** A table as every report shows it: first column names the row. */
export interface TableData {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A named fact; null = unknown, and said so. */
export type FactRow = readonly [name: string, value: string | number | null | undefined];

/** What stands where nothing is known; `—` is for numbers that were not measured. */
export const unknown = 'unknown';

export function factText([, value]: FactRow): string {
  return value === null || value === undefined || value === '' ? unknown : String(value);
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
