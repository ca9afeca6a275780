import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { CapacityPlan } from '../../src/model/index.ts';
import { startSimServer } from '../../src/sim/index.ts';
import { bare, parseStdout, readValidEnvelope, runBench } from './run-bench.ts';

/** Two rates of a fast server, under an SLO that both meet. */
let dir: string;
let printed: ReturnType<typeof parseStdout> & Record<string, unknown>;
beforeAll(async () => {
  const server = await startSimServer({
    prefill: { baseMs: 3, perTokenMs: 0.1 },
    decode: { kind: 'constant', itlMs: 1 },
  });
  const parent = mkdtempSync(join(tmpdir(), 'bench-plan-'));
  dir = join(parent, 'result');
  const argv = [
    ...['run', 'llm.inference', '--endpoint', server.endpoint, '--requests', '20', ...bare],
    ...['--input-tokens', '8', '--output-tokens', '6', '--rate', '40,80', '--no-html', '--json'],
    ...['--slo', 'own:ttft=5000,tpot=5000', '--gpus', '0', '--price-per-hour', '3.6'],
    ...['--attention-backend', 'none', '--model-size', '1B', '--output', dir],
  ];
  const { exitCode, out, err } = await runBench(argv, { cwd: parent });
  await server.stop();
  expect(exitCode, err).toBe(0);
  printed = parseStdout(out) as typeof printed;
  return () => rmSync(parent, { recursive: true, force: true });
});

test('a run says what was stated, what it costs, and how it stands to the checklist', async () => {
  const { system, method, metrics, power } = readValidEnvelope(dir);
  expect(system).toMatchObject({
    gpuCount: { value: 0, from: 'given' },
    modelSize: { value: '1B', from: 'given' },
    attentionBackend: { value: 'none', from: 'given' },
    tensorParallel: { value: 1, from: 'machine' },
  });
  // 3.6 USD an hour is a thousandth of a dollar a second.
  const perSecond = metrics.values['total_tok_s'] as number;
  expect(metrics.values['cost_usd_per_million_tokens']).toBeCloseTo(1000 / perSecond, 9);
  expect(method?.cost?.price).toMatchObject({ kind: 'instance', source: '--price-per-hour' });
  expect(method?.checklist).toHaveLength(10);
  const verdicts = Object.fromEntries(method?.checklist.map((row) => [row.id, row.verdict]) ?? []);
  expect(verdicts).toMatchObject({
    'warm-up': 'fail',
    'open-loop': 'pass',
    prompts: 'fail',
    sweep: 'pass',
    duration: 'fail',
    'both-phases': 'pass',
  });
  if (power?.probe === null) {
    expect(metrics.values['power_avg_w']).toBeNull();
    expect(metrics.reasons?.['joules_per_token']).toBe(power.reason);
  }
  expect(printed['checklist']).toEqual(method?.checklist);
  expect(Object.keys(printed.metrics)).toEqual(
    expect.arrayContaining(['goodput_at_slo', 'power_avg_w', 'joules_per_token']),
  );
  const shown = await runBench(['show', dir, '--json']);
  expect(parseStdout(shown.out)).toEqual(printed);
});

test('the terminal and Markdown show the checklist, and no throughput without its latency', async () => {
  const shown = await runBench(['show', dir]);
  expect(shown.out).toMatch(/Checklist: \d of 10 pass/);
  expect(shown.out).toMatch(/fail +warm-up +no warm-up/);
  expect(shown.out).toMatch(/Metrics at \d+ req\/s: \S+ tok\/s at \S+ ms p50 ITL/);
  expect(shown.out).toContain('Cost: ');
  const markdown = await runBench(['report', dir, '--format', 'markdown']);
  expect(markdown.out).toMatch(/\| Row +\| Asks +\| Verdict +\| Measured fact +\|/);
  expect(markdown.out).toMatch(/\| warm-up +\| .+\| fail +\| no warm-up/);
  expect(markdown.out).toContain('- Engine: ');
});

test('plans from the folder alone', async () => {
  const { exitCode, out, err } = await runBench(['plan', '--target-qps', '1000', dir, '--json']);
  expect(exitCode, err).toBe(0);
  const plan = JSON.parse(out) as CapacityPlan;
  // By what arrived at the level of 80 req/s, which a plan of few Poisson arrivals misses.
  const { levels } = parseStdout((await runBench(['show', dir, '--json'])).out);
  const arrivedRps = Number(levels.find(({ load }) => load.rateRps === 80)?.metrics['offered_rps']);
  expect(arrivedRps).not.toBe(80);
  expect(plan.maxRate.point).toMatchObject({ rateRps: arrivedRps, plannedRps: 80 });
  const instances = Math.ceil(1000 / arrivedRps);
  expect(plan.rows.slice(0, 2)).toMatchObject([
    { basis: 'point', instances, gpus: 0 },
    { basis: 'point', instances: Math.ceil(1200 / arrivedRps), gpus: 0 },
  ]);
  expect(plan.rows[0]?.usdPerHour).toBeCloseTo(3.6 * instances, 9);
  expect(plan.maxRate.lower.rateRps).toBeNull();
  const table = await runBench(['plan', '--target-qps', '1000', dir, '--gpus-per-instance', '2']);
  expect(table.out).toMatch(new RegExp(`^point +none +${instances} +${2 * instances} `, 'm'));
});

test('judges the records by another SLO, and says when none would do', async () => {
  const argv = ['plan', '--target-qps', '100', dir, '--slo', 'hard:ttft=0.001', '--json'];
  const { exitCode, out } = await runBench(argv);
  expect(exitCode).toBe(5);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'SLO_NEVER_MET', exitCode: 5 } });
});

test.each([
  [['plan', 'DIR'], 2, 'USAGE_NO_TARGET_RATE'],
  [['plan', 'DIR', '--target-qps', '0'], 2, 'USAGE_BAD_VALUE'],
  [['plan', 'DIR', '--target-qps', '9', '--input-tokens', '4000'], 2, 'USAGE_PLAN_LENGTHS'],
  [['plan', 'DIR', '--target-qps', '9', '--prices', 'none.json'], 2, 'USAGE_PRICES_FILE'],
  [['plan', '/nowhere', '--target-qps', '9'], 3, 'RESULT_NOT_FOUND'],
])('refuses %j', async (argv, exitCode, code) => {
  const result = await runBench(argv.map((word) => (word === 'DIR' ? dir : word)));
  expect(result.exitCode).toBe(exitCode);
  expect(result.err).toContain(code);
});

test('recomputes the folder by the rules of another tool, beside its own figures', async () => {
  const { out, exitCode } = await runBench(['show', dir, '--definitions', 'vllm', '--json']);
  expect(exitCode).toBe(0);
  const theirs = JSON.parse(out) as {
    levels: {
      metrics: Record<string, number>;
      ours: Record<string, { key: string; value: number }>;
    }[];
  };
  expect(theirs.levels).toHaveLength(2);
  for (const { metrics, ours } of theirs.levels) {
    expect(metrics['completed']).toBe(20);
    expect(ours['median_ttft_ms']?.key).toBe('ttft_p50_ms');
    // Tokens come one a chunk: between chunks both mean the same.
    const [itl, here] = [metrics['mean_itl_ms'] as number, ours['mean_itl_ms']?.value as number];
    expect(itl).toBeCloseTo(here, 6);
  }
  const csv = await runBench(['report', dir, '--definitions', 'aiperf', '--format', 'csv']);
  expect(csv.out).toMatch(/^run_id,definitions,level,key,value,unit,our_key,our_value\r\n/);
  expect(csv.out).toMatch(/,aiperf,0,time_to_first_token\.p50,[\d.]+,ms,ttft_p50_ms,[\d.]+\r\n/);
  const table = await runBench(['report', dir, '--definitions', 'aiperf']);
  expect(table.out).toContain('Where the definitions differ');
});

test.each([
  [['show', 'DIR', '--definitions', 'vlm'], 'USAGE_UNKNOWN_DEFINITIONS'],
  [['report', 'DIR', '--definitions', 'vllm', '--format', 'html'], 'USAGE_CONFLICT'],
])('refuses %j', async (argv, code) => {
  const result = await runBench(argv.map((word) => (word === 'DIR' ? dir : word)));
  expect(result.exitCode).toBe(2);
  expect(result.err).toContain(code);
});
