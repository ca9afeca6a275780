import { h } from 'preact';
import { render } from 'preact-render-to-string';
import type { Report, ReportInput } from '../report.ts';
import { Page } from './page.tsx';

/** One self-contained file: no request leaves it, styles and data are inside. */
export const htmlReport: Report = {
  id: 'html',
  title: 'Self-contained HTML page with charts',
  render: renderHtml,
};

export function renderHtml(input: ReportInput): string {
  return `<!doctype html>\n${render(h(Page, input))}\n`;
}
