import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSim } from './bad-servers.ts';
import { bare, parseStdout, readValidEnvelope, runBench } from './run-bench.ts';

const patient = { timeout: 300_000 };
const lengths = ['--input-tokens', '8', '--output-tokens', '20', '--json'];
const run = (endpoint: string, ...argv: string[]) => [
  ...['run', 'llm.inference', '--endpoint', endpoint, ...lengths, ...bare, ...argv],
];

describe('engine metrics', patient, () => {
  test('what the server says of itself is in the result, and agrees with its truth', async () => {
    // Four slots of 120 ms: 8 callers keep 4 running and 4 waiting, 33 requests a second.
    const server = await startSim({
      slots: 4,
      prefill: { baseMs: 20, perTokenMs: 0 },
      decode: { kind: 'constant', itlMs: 100 / 19 },
    });
    const { exitCode, out, err } = await runBench(
      run(server.endpoint, '--max-concurrency', '8', '--duration', '5'),
    );
    expect(exitCode, err).toBe(0);
    const { outputDir } = parseStdout(out);
    const envelope = readValidEnvelope(outputDir);
    const info = envelope.engineMetrics;
    expect(info).toMatchObject({ family: 'vllm', failed: 0, file: 'engine-metrics.jsonl' });
    expect(info?.unavailable).toEqual(expect.arrayContaining(['kvUse', 'preemptions']));
    expect(envelope.files).toHaveProperty('engine-metrics.jsonl');

    const engine = envelope.levels[0]?.engine;
    expect(engine?.running?.max).toBe(4);
    expect(engine?.waiting?.mean).toBeGreaterThan(2);
    expect(engine?.kvUse).toBeNull();
    expect(engine?.preemptions).toBeNull();
    // Of the requests whose figures it is about, the log of the server knows the mean.
    const queued = server.truth.flatMap(({ queuedUs, startedUs }) =>
      queuedUs === null || startedUs === null ? [] : [(startedUs - queuedUs) / 1000],
    );
    const mean = queued.reduce((a, b) => a + b, 0) / queued.length;
    expect(engine?.queueMs).toBeGreaterThan(0.5 * mean);
    expect(engine?.queueMs).toBeLessThan(2 * mean);
    const { ttft } = engine ?? {};
    expect(ttft?.clientMs).toBeGreaterThan((ttft?.engineMs ?? 0) - 3);
    expect(Math.abs((ttft?.engineRequests ?? 0) - (ttft?.clientRequests ?? 0))).toBeLessThan(10);

    const page = readFileSync(join(outputDir, 'report.html'), 'utf8');
    expect(page).toContain('What the engine says');
    expect(page).toContain('id="engine-time-0"');
    const again = await runBench(['report', outputDir, '--format', 'html', '--out', 'again.html'], {
      cwd: outputDir,
    });
    expect(again.exitCode, again.err).toBe(0);
    expect(readFileSync(join(outputDir, 'again.html'), 'utf8')).toBe(page);
    const shown = await runBench(['show', outputDir]);
    expect(shown.out).toContain('The engine, by its own metrics');
    expect(shown.out).toMatch(/running .* waiting .* TTFT engine/s);
    const markdown = await runBench(['report', outputDir, '--format', 'markdown']);
    expect(markdown.out).toContain('### What the engine says');
  });

  test('a server without a page: not measured, with the reason', async () => {
    const server = await startSim({ routes: { metrics: false } });
    const { exitCode, out, err } = await runBench(
      run(server.endpoint, '--rate', '20', '--requests', '10', '--no-html'),
    );
    expect(exitCode, err).toBe(0);
    const { outputDir, findings } = parseStdout(out);
    const { engineMetrics, levels } = readValidEnvelope(outputDir);
    expect(engineMetrics).toMatchObject({ family: null, scrapes: 0, file: null });
    expect(engineMetrics?.reason).toContain('HTTP 404');
    expect(levels[0]).not.toHaveProperty('engine');
    expect(findings.map(({ code }) => code)).not.toContain('engine-metrics-unread');
    const shown = await runBench(['show', outputDir]);
    expect(shown.out).toContain('Engine metrics: not measured: ');
  });

  test('--metrics-url elsewhere is asked without the key; one that cannot be read is a finding', async () => {
    const asked: (string | undefined)[] = [];
    const page = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end('vllm:num_requests_running{engine="0"} 3\n');
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void page.close());
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/custom`;
    const server = await startSim({ apiKey: 'sesame' });
    const load = ['--rate', '20', '--duration', '3', '--no-html', '--api-key', 'sesame'];
    const elsewhere = await runBench(run(server.endpoint, ...load, '--metrics-url', url));
    expect(elsewhere.exitCode, elsewhere.err).toBe(0);
    const { levels } = readValidEnvelope(parseStdout(elsewhere.out).outputDir);
    expect(levels[0]?.engine?.running).toEqual({ mean: 3, max: 3 });
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked)).toEqual(new Set([undefined]));

    const nothing = new URL('/nothing', server.endpoint).href;
    const nowhere = await runBench(run(server.endpoint, ...load, '--metrics-url', nothing));
    expect(nowhere.exitCode, nowhere.err).toBe(0);
    const unread = parseStdout(nowhere.out).findings.find(
      ({ code }) => code === 'engine-metrics-unread',
    );
    expect(unread?.message).toContain('HTTP 404');
    const off = await runBench(run(server.endpoint, ...load, '--no-engine-metrics'));
    const silent = readValidEnvelope(parseStdout(off.out).outputDir);
    expect(silent.engineMetrics?.reason).toContain('--no-engine-metrics');
    const both = await runBench(
      run(server.endpoint, ...load, '--no-engine-metrics', '--metrics-url', url),
    );
    expect(both.exitCode).toBe(2);
  });
});

test('a probe of power that is named and not there ends the run with exit 3', patient, async () => {
  const server = await startSim();
  const env = { BENCH_POWERCAP_DIR: '/nowhere' };
  const load = ['--rate', '20', '--requests', '4', '--no-html'];
  const named = await runBench(run(server.endpoint, ...load, '--power', 'rapl'), { env });
  expect(named.exitCode, named.err).toBe(3);
  expect(parseStdout(named.out).error).toMatchObject({
    ...{ code: 'PREREQ_POWER', hint: expect.stringContaining('Leave --power out') },
    message: '--power rapl: there is no RAPL energy counter in /nowhere.',
  });
  const none = await runBench(run(server.endpoint, ...load, '--power', 'none'), { env });
  expect(none.exitCode, none.err).toBe(0);
  const { power } = readValidEnvelope(parseStdout(none.out).outputDir);
  expect(power?.reason).toBe('not asked for (--power none)');
});
