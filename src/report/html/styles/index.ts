import { baseStyles } from './base.ts';
import { chartStyles } from './charts.ts';
import { headlineStyles } from './headline.ts';
import { printStyles } from './print.ts';
import { tableStyles } from './tables.ts';
import { tokenStyles } from './tokens.ts';

/** The style sheet of every page that this module makes. */
export const styles = [
  tokenStyles,
  baseStyles,
  headlineStyles,
  chartStyles,
  tableStyles,
  printStyles,
].join('');
