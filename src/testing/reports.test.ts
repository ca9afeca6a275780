import { describe, expect, it } from 'vitest';
import { type Report, reports } from '../report/index.ts';
import { runCases, selectCases } from './case.ts';
import { type ReportMedium, reportCases } from './report-cases.ts';

/** Who reads each report; a new one adds its line. */
const media: Record<string, ReportMedium> = {
  table: 'terminal',
  html: 'html',
  markdown: 'markdown',
  csv: 'csv',
  json: 'json',
  vllm: 'json',
};

/** Known gaps: report, case, reason. */
const skip: Record<string, Record<string, string>> = {};

it('every report has its medium', () => {
  expect(Object.keys(media).toSorted()).toEqual(reports.ids().toSorted());
});

describe.each(reports.list())('report $id', (report) => {
  it.for(selectCases(reportCases, skip[report.id]))('$name', ({ run, skipReason }, context) => {
    context.skip(skipReason !== null, skipReason ?? undefined);
    return run({ report, medium: media[report.id] ?? 'terminal' });
  });
});

describe('the suite notices', () => {
  const failuresOf = async (medium: ReportMedium, render: Report['render']) => {
    const report: Report = { id: 'broken', title: 'Broken', render };
    const results = await runCases(reportCases, { report, medium });
    return results.filter(({ status }) => status === 'failed').map(({ name }) => name);
  };

  it('markup from names, and a missing number shown as 0', async () => {
    const found = await failuresOf('html', ({ envelope }) => {
      const ttft = Number(envelope.metrics.values['ttft_p50_ms'] ?? 0);
      return `<!doctype html>\n<h1>${envelope.model.asked}</h1>${ttft} ms`;
    });
    expect(found).toEqual([
      'shows what is missing as missing, not as 0',
      'keeps names from driving the reader',
    ]);
  });

  it('words that a person should not see, and a count that goes up', async () => {
    let renders = 0;
    const found = await failuresOf(
      'terminal',
      ({ envelope }) => `${renders++} ${envelope.model.quant?.length.toFixed()}\n`,
    );
    expect(found).toContain('renders: nulls everywhere');
    expect(found).toContain('gives the same bytes again and leaves the result as it is');
    expect(found).not.toContain('renders: complete');
  });

  it('a result that is changed while it is shown', async () => {
    const found = await failuresOf('terminal', ({ levels }) => {
      levels[0]?.records.sort((a, b) => a.endUs - b.endUs);
      return 'fine';
    });
    expect(found).toContain('gives the same bytes again and leaves the result as it is');
  });
});
