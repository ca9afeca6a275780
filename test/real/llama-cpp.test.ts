import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputTokensOf, type RequestRecord } from '../../src/model/index.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { bench, eventually, fetchEngineAndModel, startBench } from './bench-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-real-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const mainJob = ['run', 'llm.inference', '--engine', 'llama.cpp', '--model', 'smollm2-135m'];
/** A load of a few requests: what it is after is not how steady the server has become. */
const direct = [
  ...['--gates', 'off', '--rest', '0', '--warmup-runs', '1', '--warmup-requests', '2'],
  '--allow-client-bottleneck',
];
/** Whoever asks the network all the same meets a closed port. */
const closed = 'http://127.0.0.1:9';
const offline = {
  BENCH_OFFLINE: '1',
  http_proxy: closed,
  https_proxy: closed,
  HTTPS_PROXY: closed,
};

beforeAll(fetchEngineAndModel, 600_000);

async function recordsOf(output: string): Promise<RequestRecord[]> {
  const levels = await readLevels(output, await readEnvelope(output));
  return levels.flatMap(({ records }) => records).filter(({ counted }) => counted);
}

describe('the main job of the README', () => {
  const output = join(dir, 'quick');
  let ran: Awaited<ReturnType<typeof bench>>;
  beforeAll(async () => {
    ran = await bench([...mainJob, '--time-budget', '40', '--json', '--output', output]);
  });

  it('ends well, with one object on stdout and nobody left behind', async () => {
    expect(ran.code, ran.err).toBe(0);
    const object = JSON.parse(ran.out);
    expect(object).toMatchObject({
      status: 'complete',
      exitCode: 0,
      quickLook: true,
      error: null,
      outputDir: output,
      model: { asked: 'smollm2-135m', served: 'smollm2-135m', quant: 'Q4_1' },
      engine: { id: 'llama.cpp' },
      client: { sharesHost: true },
      metrics: { requests_failed: 0, error_share: 0 },
    });
    expect(object.levels.length).toBeGreaterThanOrEqual(1);
    expect(object.levels.length).toBeLessThanOrEqual(3);
    for (const { load, metrics, outcomes } of object.levels) {
      expect(load).toMatchObject({ kind: 'open', arrival: 'poisson' });
      expect(outcomes).toEqual({ ok: metrics.requests_ok });
      for (const key of ['ttft_p50_ms', 'itl_mean_ms', 'tpot_p50_ms', 'throughput_tok_s']) {
        expect(metrics[key], key).toBeGreaterThan(0);
      }
    }
    await eventually(() => ran.family().length === 0, 'the engine is gone');
  });

  it('measures requests of exactly the size asked for', async () => {
    const records = await recordsOf(output);
    expect(records.length).toBeGreaterThanOrEqual(3);
    for (const record of records) {
      expect(record).toMatchObject({
        outcome: 'ok',
        inputTokensAsked: 32,
        inputTokensUsage: 32,
        outputTokensAsked: 16,
        outputTokensUsage: 16,
        cachedTokensUsage: 0,
        done: true,
      });
      const { atUs, tokens } = record.chunks;
      expect(Array.from(tokens).reduce((sum, n) => sum + n, 0)).toBe(16);
      expect(outputTokensOf(record)).toBe(16);
      const times = [record.intendedUs, record.sentUs, record.headersUs, ...Array.from(atUs)];
      expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)));
    }
    // Every prompt is its own from the first word on.
    expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(records.length);
  });

  it('leaves a folder with report, log and plan, from which the same numbers come', async () => {
    expect(readFileSync(join(output, 'report.html'), 'utf8')).toMatch(
      /^<!doctype html>[\s\S]*<svg/,
    );
    expect(readFileSync(join(output, 'engine.log'), 'utf8')).not.toBe('');
    const shown = await bench(['show', output, '--json']);
    expect(shown.code, shown.err).toBe(0);
    expect(JSON.parse(shown.out)).toEqual(JSON.parse(ran.out));
  });
});

describe('a load of one’s own, without a network', () => {
  it('uses what is in the cache, judges by the SLO, prints the table', async () => {
    const output = join(dir, 'rates');
    const ran = await bench(
      [
        ...[...mainJob, '--rate', '1,3', '--requests', '8', '--slo-template', 'llm.standard'],
        ...['--input-tokens', '24', '--output-tokens', '8', ...direct, '--output', output],
      ],
      { env: offline },
    );
    const envelope = await readEnvelope(output);
    expect(envelope.levels.map(({ load }) => load.rateRps)).toEqual([1, 3]);
    expect(envelope.slo?.id).toBe('llm.standard');
    // How fast this machine is decides between the two; the exit code has to say the same.
    const met = envelope.levels.some(({ sloMet }) => sloMet === true);
    expect(ran.code, ran.err).toBe(met ? 0 : 5);
    expect(ran.out).toContain(envelope.runId);
    expect(ran.out).toMatch(/smollm2-135m @ Q4_1/);
    expect(ran.out).toMatch(/TTFT/);
    const records = await recordsOf(output);
    expect(records).toHaveLength(16);
    for (const { inputTokensUsage, outputTokensUsage } of records) {
      expect([inputTokensUsage, outputTokensUsage]).toEqual([24, 8]);
    }
    await eventually(() => ran.family().length === 0, 'the engine is gone');
  });
});

describe('several launches', () => {
  it('start the engine anew, count its tokens there, and leave none behind', async () => {
    const output = join(dir, 'launches');
    const ran = await bench(
      [
        ...[...mainJob, '--rate', '4', '--requests', '6', '--launches', '2', '--seed', '7'],
        ...['--input-tokens', '16', '--output-tokens', '4', ...direct, '--output', output],
      ],
      { env: offline },
    );
    expect(ran.code, ran.err).toBe(0);
    expect(ran.err).not.toContain('token counts could not be checked');
    const { method, levels } = await readEnvelope(output);
    expect(levels.map(({ launch }) => launch)).toEqual([1, 2]);
    expect(method?.launches).toMatchObject([
      { launch: 1, seed: 7, levels: [0] },
      { launch: 2, seed: 8, levels: [1] },
    ]);
    for (const { readyMs } of method?.launches ?? []) expect(readyMs).toBeGreaterThan(0);
    const [first, second] = levels;
    expect(second?.planHash).not.toBe(first?.planHash);
    const ttft = method?.acrossLaunches.find(({ metric }) => metric === 'ttft_p50_ms');
    expect(ttft?.values).toEqual(levels.map(({ metrics }) => metrics.values['ttft_p50_ms']));
    await eventually(() => ran.family().length === 0, 'both engines are gone');
  });
});

describe('bench engine', () => {
  it('starts one that stays, lists it, shows its log, measures it, stops it', async () => {
    const started = startBench(['engine', 'start', 'llama.cpp', '--idle-timeout', '120'], {
      env: offline,
    });
    const family = started.family;
    let id = '';
    try {
      expect(await started.ended, started.err()).toBe(0);
      const url = started.out().trim();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
      expect(family().length).toBeGreaterThan(0);

      const { engines, running } = JSON.parse((await bench(['engine', 'list', '--json'])).out);
      expect(engines[0]).toMatchObject({ id: 'llama.cpp', installed: { engine: 'llama.cpp' } });
      const mine = running.find((entry: { url: string }) => entry.url === url);
      expect(mine).toMatchObject({ model: 'smollm2-135m' });
      id = mine.id;
      const logs = await bench(['engine', 'logs', id, '--lines', '5']);
      expect(logs.out.trimEnd().split('\n')).toHaveLength(5);

      const output = join(dir, 'endpoint');
      const args = ['--endpoint', url, '--max-concurrency', '2', '--requests', '4', '--json'];
      const ran = await bench(['run', 'llm.inference', ...args, ...direct, '--output', output]);
      expect(ran.code, ran.err).toBe(0);
      expect(JSON.parse(ran.out).metrics).toMatchObject({ requests_ok: 4, requests_failed: 0 });
      expect(family().length, 'it was not ours to stop').toBeGreaterThan(0);
    } finally {
      const stopped = await bench(['engine', 'stop', id || 'none-was-listed']);
      if (id !== '') expect(stopped).toMatchObject({ code: 0, out: `stopped ${id}\n` });
    }
    await eventually(() => family().length === 0, 'engine and supervisor are gone');
    const { running } = JSON.parse((await bench(['engine', 'list', '--json'])).out);
    expect(running.map((entry: { id: string }) => entry.id)).not.toContain(id);
  });
});

describe('bench, killed while it measures', () => {
  it('takes its engine with it, and what it had measured stays readable', async () => {
    const output = join(dir, 'killed');
    const load = ['--rate', '4', '--duration', '120', '--output-tokens', '8'];
    const running = startBench([...mainJob, ...load, ...direct, '--output', output], {
      env: offline,
    });
    const requests = join(output, 'requests.jsonl');
    await eventually(
      () => existsSync(requests) && readFileSync(requests, 'utf8').split('\n').length > 4,
      'requests are stored',
    );
    expect(running.family().length, 'bench and its engine').toBeGreaterThan(1);
    running.child.kill('SIGKILL');
    expect(await running.ended).toBe(null);
    await eventually(() => running.family().length === 0, 'the engine is gone');
    const shown = await bench(['show', output, '--json']);
    expect(shown.code, shown.err).toBe(0);
    const object = JSON.parse(shown.out);
    expect(object.status).toBe('partial');
    expect(object.metrics.requests_ok).toBeGreaterThanOrEqual(3);
  });
});
