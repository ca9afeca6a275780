import { createRegistry } from '../core/index.ts';
import { csvReport } from './csv/csv-report.ts';
import { htmlReport } from './html/html-report.ts';
import { jsonReport } from './json/json-report.ts';
import { markdownReport } from './markdown/markdown-report.ts';
import { terminalReport } from './terminal/terminal-report.ts';
import { vllmReport } from './vllm/vllm-report.ts';

/** Every way of showing a result; a new one is a folder and a line here. */
export const reports = createRegistry('report format', [
  terminalReport,
  htmlReport,
  markdownReport,
  jsonReport,
  csvReport,
  vllmReport,
]);
