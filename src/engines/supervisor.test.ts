import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout } from './cache.ts';
import { findEngine } from './index.ts';
import { identifyProcess, isProcessAlive } from './process-identity.ts';
import { descendantsOf } from './process-sweep.ts';
import type { SupervisedEngine } from './supervised.ts';
import { listSupervised, newestLog } from './supervised.ts';
import { readSupervisedLog, startSupervised, stopSupervised } from './supervisor.ts';
import type { TestContext } from './test-support.ts';
import {
  buildGguf,
  createTestContext,
  eventually,
  fakeLlamaServer,
  spawnScript,
  writeProgram,
} from './test-support.ts';

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
  mkdirSync(join(ctx.folder, 'bin'));
  writeProgram(join(ctx.folder, 'bin'), 'llama-server', fakeLlamaServer);
  ctx.env = { ...ctx.env, PATH: `${join(ctx.folder, 'bin')}:${ctx.env['PATH']}` };
  writeFileSync(join(ctx.folder, 'm.gguf'), buildGguf({ 'general.architecture': 'llama' }));
});
afterEach(async () => {
  for (const { id } of await listSupervised(cacheLayout(ctx))) await stopSupervised(ctx, id);
  ctx.cleanUp();
});

async function start(idleTimeoutMs: number | null): Promise<SupervisedEngine> {
  const installed = await findEngine('llama.cpp').locate(ctx);
  if (!installed) throw new Error('not found');
  return startSupervised(ctx, {
    installed,
    idleTimeoutMs,
    options: options(),
  });
}

const options = () => ({
  modelPath: join(ctx.folder, 'm.gguf'),
  modelName: 'tiny',
  host: '127.0.0.1',
  port: 0,
  slots: 1,
  contextTokens: 64,
  threads: 1,
  extraArgs: [],
  startupTimeoutMs: 300_000,
});

const engineOf = (state: SupervisedEngine) => identifyProcess(state.pid ?? -1);

describe('a supervised engine', () => {
  it('is listed while it runs, has a log, stops when asked', async () => {
    const state = await start(null);
    const engine = engineOf(state);
    expect(state).toMatchObject({ status: 'ready', model: 'tiny', slots: 1 });
    expect((await fetch(`${state.url}/models`)).status).toBe(200);
    expect((await listSupervised(cacheLayout(ctx))).map(({ id }) => id)).toEqual([state.id]);
    expect(await readSupervisedLog(ctx, state.id, 5)).toEqual(['listening']);
    await stopSupervised(ctx, state.id);
    expect(isProcessAlive(engine)).toBe(false);
    expect(await listSupervised(cacheLayout(ctx))).toEqual([]);
    // The log outlives it.
    expect(await readSupervisedLog(ctx, state.id, 5)).toEqual(['listening']);
    expect(await newestLog(cacheLayout(ctx))).toBe(state.id);
    await expect(stopSupervised(ctx, state.id)).rejects.toMatchObject({
      code: 'USAGE_UNKNOWN_RUNNING_ENGINE',
    });
  }, 60_000);

  it('lives on while it is used, and ends when it is idle', async () => {
    const state = await start(1_500);
    const engine = engineOf(state);
    for (let i = 0; i < 10; i++) {
      await fetch(`${state.url}/completions`, { method: 'POST', body: '{}' });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(isProcessAlive(engine)).toBe(true);
    await eventually(() => !isProcessAlive(engine));
    await eventually(async () => (await listSupervised(cacheLayout(ctx))).length === 0);
  }, 60_000);

  it('dies with its supervisor, also after SIGKILL, and is then forgotten', async () => {
    const state = await start(null);
    const engine = engineOf(state);
    process.kill(state.supervisor.pid, 'SIGKILL');
    await eventually(() => !isProcessAlive(engine) && !isProcessAlive(state.supervisor));
    expect(await listSupervised(cacheLayout(ctx))).toEqual([]);
    expect(existsSync(join(cacheLayout(ctx).run, `${state.id}.json`))).toBe(false);
  }, 60_000);

  it('stops when whoever started it is killed before it is ready', async () => {
    const source = `
      import { createEntryContext } from 'ENGINES/entry-context.ts';
      import { findEngine } from 'ENGINES/index.ts';
      import { startSupervised } from 'ENGINES/supervisor.ts';
      const ctx = createEntryContext(() => {});
      const installed = await findEngine('llama.cpp').locate(ctx);
      await startSupervised(ctx, { installed, idleTimeoutMs: null, options: ${JSON.stringify(options())} });`;
    // It never gets ready by itself.
    ctx.env = { ...ctx.env, FAKE_LOADING_MS: '1000000' };
    const starter = spawnScript(ctx, 'starter', source);
    const { run } = cacheLayout(ctx);
    const files = () => (existsSync(run) ? readdirSync(run) : []);
    const isUp = (name: string) =>
      /\d\.log$/.test(name) && readFileSync(join(run, name), 'utf8').includes('listening');
    await eventually(() => files().some(isUp), 60_000);
    const [state] = await listSupervised(cacheLayout(ctx));
    if (state === undefined) throw new Error('not listed');
    const engines = descendantsOf(state.supervisor.pid);
    expect(engines.length).toBeGreaterThan(0);
    starter.kill('SIGKILL');
    await eventually(() => ![state.supervisor, ...engines].some(isProcessAlive), 60_000);
    expect(files().filter((name) => name.endsWith('.json'))).toEqual([]);
  }, 150_000);

  it('passes on why it could not start', async () => {
    ctx.env = { ...ctx.env, FAKE_CRASH: 'error: invalid argument: --flag' };
    await expect(start(null)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      message: expect.stringContaining('--flag'),
    });
    expect(await listSupervised(cacheLayout(ctx))).toEqual([]);
    expect(readdirSync(cacheLayout(ctx).run)).toEqual([expect.stringMatching(/-\d+\.log$/)]);
  }, 60_000);
});
