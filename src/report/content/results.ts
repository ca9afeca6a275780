import type { Envelope } from '../../model/index.ts';
import { articleSections } from '../article.ts';
import { headlineLevel, levelName } from '../identity.ts';
import type { TableData } from './table.ts';

/** The headline level as the methodology article asks: every row with its measurement condition. */
export function resultsTable(envelope: Envelope): TableData | null {
  const level = headlineLevel(envelope);
  const rows = articleSections(envelope).find(({ title }) => title === 'Results')?.rows ?? [];
  if (level === null || rows.length === 0) return null;
  return {
    caption: `Results at ${levelName(level)}, the headline level, and the highest rate of each limit`,
    head: ['Metric', 'Value', 'Measurement condition'],
    rows: rows.map(({ name, value, condition = '' }) => [name, value, condition]),
  };
}
