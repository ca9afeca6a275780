import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSim } from './bad-servers.ts';
import { parseStdout, readValidEnvelope, runBench, tempDir } from './run-bench.ts';
import { spawnCli, untilRequests } from './spawn-cli.ts';

/** Seconds each; a busy machine is no failure. */
const patient = { timeout: 300_000 };

const short = ['--input-tokens', '8', '--output-tokens', '4', '--rest', '0', '--no-html', '--json'];
const run = (endpoint: string, ...argv: string[]) => [
  ...['run', 'llm.inference', '--endpoint', endpoint, ...short],
  ...['--allow-client-bottleneck', ...argv],
];

describe('gates', patient, () => {
  // Times between tokens that jitter by 80 % cannot vary by less than 5 %, on any machine.
  const restless = {
    jitter: 0.8,
    prefill: { baseMs: 8, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs: 3 },
  } as const;

  test.each([
    ['a finding', [], 0],
    ['exit 6 with --require-steady', ['--require-steady'], 6],
  ] as const)('a server that never settles is %s', async (_, flags, code) => {
    const server = await startSim(restless);
    const { exitCode, out, err } = await runBench(
      run(server.endpoint, '--rate', '20', '--requests', '20', '--warmup-runs', '1', ...flags),
    );
    expect(exitCode, err).toBe(code);
    const { findings, levels, outputDir } = parseStdout(out);
    const found = findings.find((finding) => finding.code === 'server-not-warm');
    expect(found?.severity).toBe(code === 6 ? 'invalid' : 'warning');
    expect(levels[0]?.valid).toBe(code === 0);
    const { method, levels: stored } = readValidEnvelope(outputDir);
    expect(method?.gates).toMatchObject([{ gate: 'server-warm', passed: false }]);
    expect(stored[0]?.leadIn).toMatchObject({ gate: 'lead-in' });
    expect(method?.warmUps).toMatchObject([{ runs: 1, requestsPerRun: 17 }]);
  });
});

describe('SLOs', patient, () => {
  test('several at once, from YAML, each judged; the prefix cache is stated', async () => {
    const server = await startSim({ prefill: { baseMs: 60, perTokenMs: 0 } });
    const cwd = tempDir();
    writeFileSync(
      join(cwd, 'bench.yaml'),
      'slo-template: llm.batch\nslo:\n  - strict:ttft=50,p=90\n  - loose:ttft=20000,e2e=30000\nrate: [10]\nrequests: 30\n',
    );
    const { exitCode, out, err } = await runBench(
      run(server.endpoint, '--config', 'bench.yaml', '--gates', 'off', '--warmup-runs', '0'),
      { cwd },
    );
    // No level meets every SLO.
    expect(exitCode, err).toBe(5);
    const { slos, levels, workload } = readValidEnvelope(parseStdout(out).outputDir);
    expect(slos?.map(({ id }) => id)).toEqual(['llm.batch', 'strict', 'loose']);
    const met = Object.fromEntries(
      (levels[0]?.slos ?? []).map((outcome) => [outcome.criterion, outcome.met]),
    );
    expect(met).toMatchObject({
      'llm.batch': true,
      strict: false,
      'loose:ttft': true,
      loose: true,
    });
    expect(workload.prefixCache).toContain('every prompt differs');
  });

  test('no level meets the SLO: exit 5, a result all the same', async () => {
    const server = await startSim({ prefill: { baseMs: 60, perTokenMs: 0 } });
    const { exitCode, out, err } = await runBench(
      run(
        server.endpoint,
        ...['--rate', '10,20', '--requests', '20', '--slo', 'ttft=30', '--gates', 'off'],
        ...['--warmup-runs', '0', '--sustained', '60'],
      ),
    );
    expect(exitCode, err).toBe(5);
    const { outputDir, error, metrics } = parseStdout(out);
    expect(error).toBeNull();
    expect(metrics['goodput_at_slo']).toBe(0);
    const { method, status } = readValidEnvelope(outputDir);
    expect(status).toBe('complete');
    expect(method?.sweep?.knees[0]).toMatchObject({ maxRateRps: null, failRps: 10 });
    // There is no rate to sustain, and no minute is spent on one.
    expect(method?.sustained).toMatchObject({ passed: false, rateRps: null });
    expect(method?.sustained?.reason).toContain('No level meets the SLO');
  });
});

describe('--resume', patient, () => {
  const load = ['--rate', '10,20,40', '--gates', 'off', '--warmup-runs', '0', '--requests', '20'];

  test('takes over the whole levels of an interrupted run, and measures the rest', async () => {
    const server = await startSim();
    const output = join(tempDir(), 'first');
    const cli = spawnCli(run(server.endpoint, ...load, '--output', output));
    // Preflight asks a few times; the first level has 20 and a tail: in the second by then.
    await untilRequests(cli, server, 34);
    cli.child.kill('SIGINT');
    expect((await cli.ended).code).toBe(130);
    const before = readValidEnvelope(output);
    expect(before.levels.map(({ status }) => status)).toEqual(['complete', 'partial']);

    const { exitCode, out, err } = await runBench(
      run(server.endpoint, ...load, '--resume', output),
    );
    expect(exitCode, err).toBe(0);
    const { levels, findings, outputDir } = parseStdout(out);
    expect(levels.map(({ load: { rateRps } }) => rateRps)).toEqual([10, 20, 40]);
    const reused = findings.filter(({ code }) => code === 'level-reused');
    expect(reused.map(({ level }) => level)).toEqual([0]);
    // The very same numbers, from records that are part of the new result as well.
    expect(levels[0]?.metrics['ttft_p50_ms']).toBe(before.levels[0]?.metrics.values['ttft_p50_ms']);
    const kept = readValidEnvelope(outputDir).levels[0];
    expect(kept?.client).toEqual(before.levels[0]?.client);
    expect(kept?.client).not.toBeNull();
    const again = await runBench(['show', outputDir, '--json']);
    expect(again.exitCode, again.err).toBe(0);
    expect(parseStdout(again.out).levels).toEqual(levels);
  });

  test('refuses the result of another model', async () => {
    const first = await startSim();
    const output = join(tempDir(), 'first');
    const one = ['--rate', '20', '--requests', '5', '--gates', 'off', '--warmup-runs', '0'];
    await runBench(run(first.endpoint, ...one, '--output', output));
    const other = await startSim({ models: ['another'] });
    const { exitCode, out } = await runBench(run(other.endpoint, ...one, '--resume', output));
    expect(exitCode).toBe(2);
    expect(parseStdout(out).error).toMatchObject({
      code: 'USAGE_RESUME',
      message: expect.stringContaining('model was sim-model'),
    });
  });
});
