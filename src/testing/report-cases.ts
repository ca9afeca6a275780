import assert from 'node:assert/strict';
import { isBenchError } from '../core/index.ts';
import type { Envelope, LevelMetrics } from '../model/index.ts';
import type { Report, ReportInput } from '../report/index.ts';
import type { Case } from './case.ts';
import { deepFreeze } from './deep-freeze.ts';
import { createGoldenResults, type GoldenResult } from './golden-results.ts';

/** What reads a report: it decides what a name must not be able to do in it. */
export type ReportMedium = 'terminal' | 'html' | 'markdown' | 'csv' | 'json';

export interface ReportSubject {
  report: Report;
  medium: ReportMedium;
}

const golden = createGoldenResults().map(deepFreeze);

/** Metrics that a report may show, each with a value no other figure has. */
const shownValues: Readonly<Record<string, number>> = {
  ttft_p50_ms: 7351.25,
  ttft_p99_ms: 8352.5,
  itl_p50_ms: 7353.75,
  tpot_p50_ms: 6354.25,
  e2e_p50_ms: 9355.5,
  throughput_tok_s: 6356.75,
  requests_per_s: 6357.25,
  goodput_at_slo: 5358.5,
  error_share: 0.4359,
};

/** What every report has to keep. */
export const reportCases: readonly Case<ReportSubject>[] = [
  ...golden.map(
    (result): Case<ReportSubject> => ({
      name: `renders: ${result.name}`,
      run({ report, medium }) {
        const text = renderGolden(report, result);
        if (text === null) return;
        assert.ok(text.trim() !== '', 'something is shown');
        refute(text, /\bNaN\b|\bundefined\b|\[object |Infinity/);
        checkMedium[medium](text);
      },
    }),
  ),
  {
    name: 'gives the same bytes again and leaves the result as it is',
    run({ report }) {
      // The golden results are frozen: writing to one throws.
      for (const result of golden) {
        assert.ok(renderGolden(report, result) === renderGolden(report, result), result.name);
      }
    },
  },
  {
    name: 'shows what is missing as missing, not as 0',
    run({ report }) {
      const [complete = assert.fail('a golden result')] = golden;
      for (const [key, value] of Object.entries(shownValues)) {
        const withValue = (shown: number | null) =>
          report.render({ ...inputOf(complete), envelope: withMetric(complete, key, shown) });
        const missing = withValue(null);
        if (withValue(value) === missing) continue; // This report does not show it.
        assert.ok(missing !== withValue(0), `${key}: null looks like 0`);
      }
    },
  },
  {
    name: 'keeps names from driving the reader',
    run({ report, medium }) {
      const harmless = goldenNamed('complete');
      const hostile = goldenNamed('hostile names');
      const text = renderGolden(report, hostile);
      if (text === null) return;
      refute(text, controls[medium], 'control characters');
      checkHostile[medium](text, renderGolden(report, harmless) ?? '');
    },
  },
  {
    name: 'fits any width and colours only when asked',
    run({ report, medium }) {
      if (medium !== 'terminal') return;
      for (const result of golden) {
        for (const columns of [40, 80, 200]) {
          const plain = renderGolden(report, result, { columns, color: false });
          const painted = renderGolden(report, result, { columns, color: true });
          if (plain === null || painted === null) continue;
          refute(plain, /\u001b/, 'no colour');
          const bare = painted.replaceAll(/\u001b\[[\d;]*m/g, '');
          assert.ok(bare === plain, `${result.name}: the same under colour at ${columns}`);
        }
      }
    },
  },
];

function inputOf({ envelope, levels }: GoldenResult): ReportInput {
  return { envelope, levels, outputDir: '/results/golden' };
}

/** null where the report says that the result lacks what it needs, which an incomplete one may. */
function renderGolden(
  report: Report,
  result: GoldenResult,
  layout: Pick<ReportInput, 'columns' | 'color'> = {},
): string | null {
  try {
    return report.render({ ...inputOf(result), ...layout });
  } catch (error) {
    const mayRefuse = result.levels.length === 0 && isBenchError(error);
    if (!mayRefuse || !error.code.startsWith('RESULT_')) throw error;
    assert.match(error.hint ?? '', /\S/, 'the refusal has a hint');
    return null;
  }
}

function goldenNamed(name: string): GoldenResult {
  return golden.find((result) => result.name === name) ?? assert.fail(name);
}

function withMetric({ envelope }: GoldenResult, key: string, value: number | null): Envelope {
  const changed = (metrics: LevelMetrics): LevelMetrics => {
    const { [key]: _interval, ...intervals } = metrics.intervals;
    const { [key]: _flag, ...flags } = metrics.flags;
    return { ...metrics, intervals, flags, values: { ...metrics.values, [key]: value } };
  };
  return {
    ...envelope,
    metrics: changed(envelope.metrics),
    levels: envelope.levels.map((level) => ({ ...level, metrics: changed(level.metrics) })),
  };
}

const plainControls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** JSON decodes to what it holds, and no browser is driven by them: only what breaks the file. */
const controls: Record<ReportMedium, RegExp> = {
  terminal: plainControls,
  html: /\u0000/,
  markdown: plainControls,
  csv: plainControls,
  json: /[\u0000-\u0008\u000b-\u001f]/,
};

/** Well-formedness, for every result. */
const checkMedium: Record<ReportMedium, (text: string) => void> = {
  terminal: () => {},
  markdown: () => {},
  html(text) {
    assert.ok(/^<!doctype html>/i.test(text), 'it starts as a page');
    refute(text, /(?:src|href)="(?!#|data:)/, 'nothing is fetched');
  },
  csv(text) {
    const rows = parseCsv(text);
    const width = rows[0]?.length;
    assert.ok(
      rows.every((row) => row.length === width),
      `every row has ${width} cells`,
    );
  },
  json(text) {
    const value: unknown = JSON.parse(text);
    assert.ok(value !== null && typeof value === 'object', 'one object');
  },
};

/** What the hostile names must not have become. */
const checkHostile: Record<ReportMedium, (text: string, harmless: string) => void> = {
  terminal(text) {
    refute(text, /^(# heading|=cmd)/m, 'a name makes no line of its own');
  },
  html(text, harmless) {
    const scripts = (page: string) => page.match(/<script/gi)?.length ?? 0;
    assert.equal(scripts(text), scripts(harmless), 'no script more');
    refute(text, /<img/i);
    refute(text, /href="javascript:/i);
  },
  markdown(text) {
    const outsideCode = text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '');
    refute(outsideCode, /<(img|script|\/script)/i);
    refute(outsideCode, /[^\\]\]\(javascript:/);
    refute(text, /^# heading/m);
  },
  csv(text) {
    for (const row of parseCsv(text)) {
      for (const cell of row) refute(cell, /^[=@]/, 'no formula');
    }
  },
  json: () => {},
};

/** Like `assert.doesNotMatch`, but shows the place, not the page. */
function refute(text: string, pattern: RegExp, what = 'this must not be there'): void {
  const found = pattern.exec(text);
  if (found === null) return;
  const around = text.slice(Math.max(0, found.index - 60), found.index + 60);
  assert.fail(`${what}: ${JSON.stringify(found[0])} in ${JSON.stringify(around)}`);
}

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g,
  )) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
