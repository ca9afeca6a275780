import { join } from 'node:path';
import { BenchError, ExitCode, type Host } from '../../core/index.ts';
import type { Comparison } from '../../model/index.ts';
import {
  renderCompareHtml,
  renderComparison,
  renderComparisonMarkdown,
} from '../../report/index.ts';
import { readComparison } from '../../results/index.ts';
import { writeReportFile } from '../report-file.ts';
import { compareHtmlFile } from './finish-compare.ts';

/** `bench show` of a comparison. @throws BenchError RESULT_* */
export async function showComparison(
  dir: string,
  { json }: { json: boolean },
  host: Host,
): Promise<ExitCode> {
  const comparison = await readComparison(dir);
  const text = json ? asJson(comparison, dir) : asTable(comparison, host);
  host.stdout.write(`${text}\n`);
  return ExitCode.ok;
}

/** `bench report` of a comparison. @throws BenchError RESULT_*, USAGE_REPORT_FORMAT */
export async function writeComparisonReport(
  dir: string,
  options: { format: string; out: string | null },
  host: Host,
): Promise<ExitCode> {
  const comparison = await readComparison(dir);
  const render: Record<string, () => string> = {
    html: () => renderCompareHtml(comparison),
    markdown: () => renderComparisonMarkdown(comparison),
    json: () => `${asJson(comparison, dir)}\n`,
    table: () => `${asTable(comparison, host)}\n`,
  };
  const text = render[options.format]?.();
  if (text === undefined) {
    throw new BenchError('USAGE_REPORT_FORMAT', `A comparison has no format "${options.format}".`, {
      hint: `Formats of a comparison: ${Object.keys(render).join(', ')}; those of a run: bench report on a folder under runs/.`,
    });
  }
  const out = options.out ?? (options.format === 'html' ? join(dir, compareHtmlFile) : null);
  if (out !== null) return writeReportFile(out, text, host);
  host.stdout.write(text);
  return ExitCode.ok;
}

const asJson = (comparison: Comparison, dir: string) =>
  JSON.stringify({ ...comparison, outputDir: dir }, null, 2);

const asTable = (comparison: Comparison, host: Host) =>
  renderComparison(comparison, {
    columns: host.stdout.isTTY ? host.stdout.columns : 100,
    color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
  });
