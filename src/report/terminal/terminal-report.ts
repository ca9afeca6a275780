import type { Report } from '../report.ts';
import { renderSummary } from './render-summary.ts';

/** What `bench run` and `bench show` print. */
export const terminalReport: Report = {
  id: 'table',
  title: 'Table for the terminal',
  render: ({ envelope, columns = 80, color = false, outputDir, htmlPath }) =>
    renderSummary(envelope, {
      columns,
      color,
      ...(outputDir !== undefined && { outputDir }),
      ...(htmlPath !== undefined && { htmlPath }),
    }),
};
