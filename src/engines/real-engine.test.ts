import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheLayout } from './cache.ts';
import type { InstalledEngine, RunningEngine, StartOptions } from './engine.ts';
import { findEngine } from './index.ts';
import type { LocalModel } from './model-catalog.ts';
import { identifyProcess, isProcessAlive } from './process-identity.ts';
import { descendantsOf } from './process-sweep.ts';
import { listSupervised } from './supervised.ts';
import { readSupervisedLog, startSupervised, stopSupervised } from './supervisor.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext, eventually, spawnScript } from './test-support.ts';

/** Fetches 127 MB into an empty cache: BENCH_REAL_ENGINE=1 npx vitest run src/engines/real */
describe.skipIf(!process.env['BENCH_REAL_ENGINE'])('the real llama.cpp', () => {
  const engine = findEngine('llama-cpp');
  let ctx: TestContext;
  let installed: InstalledEngine;
  let model: LocalModel;
  let options: StartOptions;

  beforeAll(async () => {
    ctx = createTestContext();
    installed = await engine.install(ctx);
    model = await engine.models.pull(ctx, 'smollm2-135m');
    options = {
      modelPath: model.path,
      modelName: model.id,
      host: '127.0.0.1',
      port: 0,
      slots: 4,
      contextTokens: 8192,
      threads: null,
      logPath: join(ctx.folder, 'engine.log'),
      extraArgs: [],
      startupTimeoutMs: 120_000,
    };
  }, 300_000);
  afterAll(() => ctx.cleanUp());

  const generate = async (running: RunningEngine) => {
    const response = await fetch(`${running.baseUrl}/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: model.id,
        prompt: 'The capital of France is',
        max_tokens: 4,
        temperature: 0,
        ...running.bodyDefaults,
      }),
    });
    return (await response.json()) as {
      choices: { text: string }[];
      usage: { completion_tokens: number };
    };
  };

  it('reads the model as the server does', async () => {
    // n_params, n_ctx_train and ftype of /v1/models, llama.cpp in xllamacpp 2026.10.11549.
    expect(model).toMatchObject({
      parameters: 134_515_008,
      contextLength: 8192,
      quant: 'Q4_1',
      architecture: 'llama',
      bytes: 98_362_432,
    });
  });

  it('is started, generates, stops without a survivor', async () => {
    const running = await engine.start(ctx, installed, options);
    const members = [identifyProcess(running.pid), ...descendantsOf(running.pid)];
    expect((await generate(running)).choices[0]?.text).toContain('Paris');
    expect(await running.settings()).toMatchObject({ total_slots: 4, n_ctx_slot: 2048 });
    expect(await running.activity()).toMatch(/^\d+\/\d+\/\d+$/);
    expect(await running.stop()).toMatchObject({ how: 'terminated', survivors: [] });
    expect(members.filter(isProcessAlive)).toEqual([]);
    process.stdout.write(`ready after ${running.readyMs.toFixed(0)} ms\n`);
  }, 120_000);

  it('dies with bench after SIGKILL', async () => {
    const source = `
      import { createEntryContext } from 'ENGINES/entry-context.ts';
      import { findEngine } from 'ENGINES/index.ts';
      const running = await findEngine('llama.cpp').start(
        createEntryContext(() => {}), ${JSON.stringify(installed)}, ${JSON.stringify(options)});
      console.log('pid ' + running.pid);
      setInterval(() => {}, 1000);`;
    const bench = spawnScript(ctx, 'bench', source);
    let printed = '';
    bench.stdout?.on('data', (text) => {
      printed += text;
    });
    await eventually(() => /pid \d+/.test(printed), 60_000);
    const running = identifyProcess(Number(/pid (\d+)/.exec(printed)?.[1]));
    expect(isProcessAlive(running)).toBe(true);
    bench.kill('SIGKILL');
    await eventually(() => !isProcessAlive(running));
  }, 120_000);

  it('says what is wrong with an option it does not know', async () => {
    const extraArgs = ['--set', 'n_frobs=3'];
    await expect(engine.start(ctx, installed, { ...options, extraArgs })).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'unsupported-flag', code: 2 },
    });
  }, 120_000);

  it('runs under a supervisor', async () => {
    const { logPath: _, ...rest } = options;
    const state = await startSupervised(ctx, { installed, options: rest, idleTimeoutMs: 60_000 });
    expect(await readSupervisedLog(ctx, state.id, 1)).toHaveLength(1);
    await stopSupervised(ctx, state.id);
    expect(await listSupervised(cacheLayout(ctx))).toEqual([]);
  }, 120_000);
});
