import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '../../src/engines/index.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { bench, eventually } from './bench-process.ts';
import { context, installed, referenceEnv } from './reference-python.ts';

describe.skipIf(installed === null)('the PyTorch reference (needs a Python with torch)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-pytorch-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const output = join(dir, 'run');
  let ran: Awaited<ReturnType<typeof bench>>;
  beforeAll(async () => {
    const pulled = await bench(['model', 'pull', 'smollm2-135m']);
    if (pulled.code !== 0) throw new Error(pulled.err);
    ran = await bench(
      [
        ...['run', 'llm.inference', '--engine', 'pytorch', '--model', 'smollm2-135m'],
        ...['--max-concurrency', '1', '--requests', '3', '--input-tokens', '24'],
        ...['--output-tokens', '8', '--gates', 'off', '--rest', '0', '--warmup-runs', '1'],
        ...['--warmup-requests', '1', '--allow-client-bottleneck', '--json', '--output', output],
      ],
      { env: referenceEnv },
    );
  }, 900_000);

  it('runs end to end, says what it served, and leaves nobody behind', async () => {
    expect(ran.code, ran.err).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      engine: { id: 'pytorch' },
      model: { asked: 'smollm2-135m', served: 'smollm2-135m', quant: 'Q4_1' },
      findings: expect.arrayContaining([expect.objectContaining({ code: 'weights-dequantised' })]),
    });
    expect((await readEnvelope(output)).engine.settings).toMatchObject({
      dtype: 'float32',
      weights: expect.stringMatching(/^dequantised .* Q4_1/),
    });
    await eventually(() => ran.family().length === 0, 'the engine is gone');
    expect(existsSync(join(output, 'engine.log'))).toBe(true);
  });

  it('says the same as other engines with these weights', async () => {
    const engine = findEngine('pytorch');
    const model = await engine.models.locate(context, 'smollm2-135m');
    if (installed === null || model === null) throw new Error('not here');
    const running = await engine.start(context, installed, {
      ...{ modelPath: model.path, modelName: model.id, host: '127.0.0.1', port: 0 },
      ...{ slots: 1, contextTokens: 512, threads: null, extraArgs: [] },
      logPath: join(dir, 'engine.log'),
      startupTimeoutMs: 600_000,
    });
    try {
      const response = await fetch(`${running.baseUrl}/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({
          messages: [{ role: 'user', content: 'Name three colours.' }],
          ...{ max_tokens: 12, temperature: 0 },
        }),
      });
      // vLLM 0.32 on a CPU, bfloat16: test/fixtures/engines/vllm-real-stream.txt.
      expect(await response.json()).toMatchObject({
        choices: [{ message: { content: '1. Red: This is the most obvious colour, but' } }],
        usage: { prompt_tokens: 34, completion_tokens: 12 },
      });
    } finally {
      await running.stop();
    }
  }, 900_000);

  it('gives exactly the tokens asked for, one to a chunk', async () => {
    const levels = await readLevels(output, await readEnvelope(output));
    const records = levels.flatMap((level) => level.records).filter(({ counted }) => counted);
    expect(records).toHaveLength(3);
    for (const record of records) {
      expect(record).toMatchObject({
        outcome: 'ok',
        inputTokensUsage: 24,
        outputTokensUsage: 8,
        tokenSource: 'continuous-usage',
      });
    }
  });
});
