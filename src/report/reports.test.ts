import { describe, expect, it } from 'vitest';
import { reproduceCommand } from './identity.ts';
import { toStdoutObject } from './json/stdout-object.ts';
import { makeMethodEnvelope } from './method.fixture.ts';
import { reports } from './reports.ts';
import { makeEnvelope, makeLevelRuns } from './test-support.ts';

const full = makeEnvelope();
const none = makeEnvelope({
  levels: [],
  headline: null,
  metrics: { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: {} },
  slo: null,
  findings: [],
});
const infinite = makeEnvelope({
  levels: full.levels.map((level) => ({
    ...level,
    metrics: {
      ...level.metrics,
      values: { ...level.metrics.values, ttft_p99_ms: 'inf', itl_p50_ms: null },
    },
  })),
});
const cases = [
  { name: 'four levels', input: { envelope: full, levels: makeLevelRuns(full, 20) } },
  {
    name: 'infinite and missing values',
    input: { envelope: infinite, levels: makeLevelRuns(full, 20) },
  },
  { name: 'no level at all', input: { envelope: none, levels: [] } },
  { name: 'no records', input: { envelope: full, levels: [] } },
  {
    name: 'a search, a sustained run and launches',
    input: { envelope: makeMethodEnvelope(), levels: makeLevelRuns(makeMethodEnvelope(), 20) },
  },
];

describe.each(reports.ids())('report %s', (id) => {
  it.each(cases)('renders $name, the same twice', ({ input }) => {
    const report = reports.get(id);
    if (id === 'vllm' && input.levels.length === 0) {
      expect(() => report.render(input)).toThrow(
        expect.objectContaining({ code: 'RESULT_NO_RECORDS' }),
      );
      return;
    }
    const text = report.render(input);
    expect(text).toBe(report.render(input));
    expect(text).not.toMatch(/NaN|undefined|\[object/);
  });
});

it('names the known formats when asked for another', () => {
  expect(() => reports.get('htm')).toThrow(/Did you mean "html"/);
});

describe('the object of --json', () => {
  it('has the documented keys, missing metrics as null', () => {
    const object = toStdoutObject(full, '/tmp/out');
    expect(object).toMatchObject({
      runId: full.runId,
      status: 'complete',
      client: full.client,
      outputDir: '/tmp/out',
      headline: 2,
      findings: [
        { code: 'client-shares-host', severity: 'warning' },
        { code: 'slo-missed', level: 3 },
      ],
    });
    expect(object.metrics).toMatchObject({
      ttft_p50_ms: 142,
      throughput_tok_s: 3.96 * 64,
      goodput_at_slo: 3.96,
      goodput_at_slo_planned_rps: 4,
      power_avg_w: null,
      joules_per_token: null,
    });
    expect(object.levels[1]?.load).toEqual({
      kind: 'open',
      rateRps: 2,
      concurrencyAsked: null,
      concurrencyReached: 2.6,
      maxConcurrency: null,
      arrival: 'poisson',
    });
    expect(object.levels[1]?.metrics.ttft_p50_ms).toBe(104);
  });

  it('is one line that survives the round trip', () => {
    const text = reports.get('json').render({ envelope: infinite, levels: [] });
    expect(text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(text).levels[0].metrics.ttft_p99_ms).toBe('inf');
  });
});

describe('csv', () => {
  const linesOf = (text: string) => text.trimEnd().split('\r\n');

  it('has one row per level, a column per metric, missing as nothing', () => {
    const envelope = makeMethodEnvelope();
    const [head = '', ...rows] = linesOf(reports.get('csv').render({ envelope, levels: [] }));
    const columns = head.split(',');
    expect(new Set(columns).size).toBe(columns.length);
    expect(rows).toHaveLength(5);
    const cells = rows.map((row) => row.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
    for (const row of cells) expect(row).toHaveLength(columns.length);
    const column = (name: string) => cells.map((row) => row[columns.indexOf(name)]);
    expect(column('rate_rps')).toEqual(['1', '2', '4', '6', '4']);
    expect(column('role')).toEqual(['sweep', 'sweep', 'sweep', 'sweep', 'sustained']);
    expect(column('headline')).toEqual(['false', 'false', 'false', 'false', 'true']);
    expect(column('ttft_p50_ms')).toEqual(['96.2', '104', '142', '390', '142']);
    expect(column('ttft_p99_9_ms')).toEqual(['', '', '', '', '']);
    expect(column('ttft_p50_ms_ci95_low')[1]).toBe(String(104 * 0.96));
    expect(column('slo_llm.standard_verdict')[3]).toBe('refuted');
    expect(column('low_n')[0]).toBe('ttft_p99_ms');
  });

  it('quotes what needs quotes and defuses formulas', () => {
    const envelope = makeEnvelope({ model: { ...full.model, asked: '=cmd("x"),y' } });
    const [, first] = linesOf(reports.get('csv').render({ envelope, levels: [] }));
    expect(first).toContain(`"'=cmd(""x""),y"`);
  });
});

it('markdown has the sections of the page', () => {
  const envelope = makeMethodEnvelope();
  const text = reports.get('markdown').render({ envelope, levels: [] });
  const titles = [...text.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
  const html = reports.get('html').render({ envelope, levels: [] });
  const page = [...html.matchAll(/<h2 id="[^"]*">([^<]+)<\/h2>/g)].map(([, title]) => title);
  // Charts alone are not in Markdown; the verdicts are the page's head.
  expect(page.filter((title) => !titles.includes(title))).toEqual(['Metrics by level']);
  expect(text).toContain(
    '| llm.standard | ✅ met up to 3.87 req/s (4 planned) | proven (95 %); fails at 6.12 req/s (6 planned): SLO missed |',
  );
  expect(text).toContain(
    '| realistic-prompts | prompts of a production mix | fail | random words |',
  );
  expect(text).toContain('| Cost per million output tokens | 1.42 USD |');
  expect(text).toContain('| Power, mean | not measured | no power probe |');
  expect(text).toContain('| 4 req/s \\(sustained\\) |'.replaceAll('\\', ''));
});

it('markdown keeps names from becoming markup', () => {
  const envelope = makeEnvelope({ model: { ...full.model, asked: '<img src=x>|[a](b)`' } });
  const text = reports.get('markdown').render({ envelope, levels: [] });
  expect(text).toContain('## &lt;img src=x>\\|\\[a\\](b)\\`');
  expect(text).toContain('253 tok/s at 18.5 ms p50 ITL');
  expect(text).toContain('| **4 req/s** | 142 [136, 149] |');
});

describe('reproduceCommand', () => {
  const argvOf = (...argv: string[]) =>
    reproduceCommand(makeEnvelope({ command: { argv, resolved: {} } }));

  it('quotes for the shell and adds the seed', () => {
    expect(argvOf('run', 'llm.inference', '--model', "it's $HOME")).toBe(
      `bench run llm.inference --model 'it'\\''s $HOME' --seed 42`,
    );
  });

  it('takes the interpreter off and leaves a given seed alone', () => {
    expect(argvOf('/usr/bin/node', '/x/dist/cli/bin.js', 'run', '--seed', '7')).toBe(
      'bench run --seed 7',
    );
    expect(argvOf('bench', 'run', '--seed=7')).toBe('bench run --seed=7');
  });
});
