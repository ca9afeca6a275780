import { mkdtempSync, rmSync } from 'node:fs';
import { arch, availableParallelism, homedir, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineContext, findEngine, type RunningEngine } from '../../src/engines/index.ts';
import { createNodeHost } from '../../src/host/index.ts';
import { outputTokensOf } from '../../src/model/index.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { bench, eventually } from './bench-process.ts';

/** Fetches MLX and the model where they are missing, and takes minutes: BENCH_TEST_FULL=1. */
describe.skipIf(process.env['BENCH_TEST_FULL'] !== '1')('the real mlx_lm.server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-mlx-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const output = join(dir, 'run');
  let ran: Awaited<ReturnType<typeof bench>>;
  beforeAll(async () => {
    ran = await bench([
      ...['run', 'llm.inference', '--engine', 'mlx', '--model', 'smollm2-135m'],
      ...['--max-concurrency', '1', '--requests', '3', '--input-tokens', '16'],
      ...['--output-tokens', '8', '--gates', 'off', '--rest', '0', '--warmup-runs', '1'],
      ...['--warmup-requests', '1', '--allow-client-bottleneck', '--json', '--output', output],
    ]);
  }, 1_800_000);

  it('runs end to end, says what it cannot, and leaves nobody behind', async () => {
    expect(ran.code, ran.err).toBe(0);
    const { findings } = JSON.parse(ran.out) as { findings: { code: string }[] };
    const codes = findings.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['lengths-not-enforced', 'weights-dequantised']));
    expect(codes).not.toContain('model-not-listed');
    expect(codes).not.toContain('rope-base-not-read');
    const envelope = await readEnvelope(output);
    expect(envelope).toMatchObject({
      engine: { id: 'mlx', settings: { system_fingerprint: expect.stringMatching(/^\d/) } },
      model: { asked: 'smollm2-135m', quant: 'bfloat16' },
      engineMetrics: { family: null, reason: expect.stringContaining('not offered by mlx_lm') },
    });
    await eventually(() => ran.family().length === 0, 'the engine is gone');
  });

  it('counts the tokens that came', async () => {
    const levels = await readLevels(output, await readEnvelope(output));
    const records = levels.flatMap((level) => level.records).filter(({ counted }) => counted);
    expect(records.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    for (const record of records) {
      const tokens = outputTokensOf(record) ?? 0;
      expect(tokens).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(8);
      expect(record.inputTokensUsage).toBe(16);
    }
  });

  it('says what it said of weights converted otherwise, and stops at an end all the same', async () => {
    const engine = findEngine('mlx');
    const host = createNodeHost();
    const context: EngineContext = {
      ...{ env: host.env, platform: platform(), arch: arch(), home: homedir() },
      ...{ cpuCount: availableParallelism(), clock: host.clock, emit: () => {} },
    };
    const installed = await engine.locate(context);
    const model = await engine.models.locate(context, 'smollm2-135m');
    if (installed === null || model === null) throw new Error('not here');
    const running = await engine.start(context, installed, {
      ...{ modelPath: model.path, modelName: model.id, host: '127.0.0.1', port: 0, slots: 1 },
      ...{ contextTokens: 8192, threads: null, extraArgs: [] },
      ...{ logPath: join(dir, 'engine.log'), startupTimeoutMs: 600_000 },
    });
    try {
      // As recorded of mlx-lm before, on a model converted with torch: mlx-real-stream.txt.
      expect(await chat(running, 'Name three colours.', { max_tokens: 12 })).toMatchObject({
        choices: [{ message: { content: '1. Red: The most obvious colour, but there are' } }],
        usage: { prompt_tokens: 34, completion_tokens: 12 },
      });
      const ended = await chat(running, 'Say only: yes', { max_tokens: 64, ignore_eos: true });
      expect(ended.choices[0]?.finish_reason).toBe('stop');
    } finally {
      await running.stop();
    }
  }, 900_000);
});

async function chat({ baseUrl, modelName }: RunningEngine, content: string, more: object) {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ model: modelName, messages: [{ role: 'user', content }], temperature: 0 },
      ...more,
    }),
  });
  return (await response.json()) as { choices: { finish_reason: string }[] };
}
