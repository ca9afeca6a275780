import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout } from '../cache.ts';
import type { StartOptions } from '../engine.ts';
import { runDoctor } from '../index.ts';
import { identifyProcess, isProcessAlive } from '../process-identity.ts';
import { descendantsOf } from '../process-sweep.ts';
import { surveyEngine } from '../survey.ts';
import type { TestContext } from '../test-support.ts';
import {
  createTestContext,
  eventually,
  fakeLlamaServer,
  putOnPath,
  startOptionsOf,
  writeProgram,
} from '../test-support.ts';
import { llamaCpp } from './index.ts';

let ctx: TestContext;
let options: StartOptions;
beforeEach(() => {
  ctx = createTestContext();
  writeProgram(putOnPath(ctx), 'llama-server', fakeLlamaServer);
  options = startOptionsOf(ctx, { startupTimeoutMs: 30_000 });
});
afterEach(() => ctx.cleanUp());

async function start(changes: Partial<StartOptions> = {}, env: Record<string, string> = {}) {
  const installed = await llamaCpp.locate(ctx);
  if (!installed) throw new Error('not found');
  const withEnv = { ...ctx, env: { ...ctx.env, ...env } };
  return llamaCpp.start(withEnv, installed, { ...options, ...changes });
}

describe('llama.cpp, as a server on PATH', () => {
  it('is found, started, asked, stopped', async () => {
    expect(await llamaCpp.locate(ctx)).toMatchObject({
      version: 'b4711',
      source: 'path',
      kind: 'binary',
    });
    const running = await start({}, { FAKE_LOADING_MS: '150' });
    expect(running.baseUrl).toBe(`http://127.0.0.1:${running.port}/v1`);
    expect(running.readyMs).toBeGreaterThanOrEqual(150);
    expect(running.commandLine).toEqual(
      expect.arrayContaining(['--parallel', '2', '--ctx-size', '512', '--metrics', '--cache-ram']),
    );
    expect(running.commandLine).not.toContain('--no-webui');
    expect(await running.settings()).toMatchObject({
      total_slots: 2,
      model_ftype: 'Q4_1',
      n_params: 7,
      cache_ram_mib: 0,
    });
    const before = await running.activity();
    await fetch(`${running.baseUrl}/completions`, { method: 'POST', body: '{}' });
    expect(await running.activity()).not.toBe(before);
    expect(await running.tail(5)).toEqual(['listening']);
    const engine = identifyProcess(running.pid);
    expect(isProcessAlive(engine)).toBe(true);
    expect(await running.stop()).toMatchObject({ how: 'terminated', survivors: [] });
    expect(isProcessAlive(engine)).toBe(false);
    expect(await running.exited).toMatchObject({ code: 0, message: 'llama.cpp was stopped.' });
  }, 60_000);

  it('takes the word of the server for its slots, and says where that is not what was asked', async () => {
    const running = await start({ extraArgs: ['--parallel', '3'] });
    await running.stop();
    expect(running.slots).toBe(3);
    expect(running.findings).toMatchObject([
      { code: 'slots-differ', message: expect.stringMatching(/ 3 requests .* the 2 that/) },
    ]);
    const asAsked = await start();
    await asAsked.stop();
    expect(asAsked).toMatchObject({ slots: 2, findings: [] });
  }, 60_000);

  it('is killed when it does not obey, with the child it left', async () => {
    const running = await start({}, { FAKE_DEAF: '1', FAKE_CHILD: '1' });
    const children = descendantsOf(running.pid);
    const receipt = await running.stop();
    expect(receipt).toMatchObject({ how: 'killed', survivors: [] });
    expect(children.filter(isProcessAlive)).toEqual([]);
  }, 60_000);

  it.each([
    ["couldn't bind HTTP server socket: Address already in use", 'port-in-use'],
    ['error: invalid argument: --flag', 'unsupported-flag'],
    ['Segmentation fault', null],
  ])(
    'says why it crashed: %s',
    async (line, cause) => {
      await expect(start({}, { FAKE_CRASH: line })).rejects.toMatchObject({
        code: 'ENGINE_CRASHED',
        message: expect.stringContaining(line),
        details: { code: 1, cause },
      });
    },
    60_000,
  );

  it('tells a crash after readiness, with the reason', async () => {
    const running = await start();
    process.kill(running.pid, 'SIGKILL');
    const { message } = await running.exited;
    expect(message).toContain('llama.cpp ended');
    await running.stop();
  }, 60_000);

  it('does not take another server on its port for itself', async () => {
    const other = createServer((_, response) => response.end('{"choices":[{}]}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    // It answers every stage of readiness at once, before an engine could fail to bind.
    await expect(start({ port })).rejects.toMatchObject({ code: 'ENGINE_PORT_TAKEN' });
    other.closeAllConnections();
    other.close();
  }, 60_000);

  it('leaves nothing running when it never gets ready', async () => {
    const before = new Set(descendantsOf(process.pid).map(({ pid }) => pid));
    await expect(
      start({ startupTimeoutMs: 5_000 }, { FAKE_GENERATION_STATUS: '500' }),
    ).rejects.toMatchObject({ code: 'ENGINE_NOT_READY', details: { stage: 'generation' } });
    await eventually(() => descendantsOf(process.pid).every(({ pid }) => before.has(pid)));
  }, 60_000);

  it('refuses a broken model file before it starts', async () => {
    writeFileSync(options.modelPath, 'not a model');
    await expect(start()).rejects.toMatchObject({ code: 'PREREQ_MODEL_FORMAT' });
  });

  it('passes over a server that cannot run, and refuses it by path', async () => {
    const bin = join(ctx.folder, 'bin');
    const broken = '#!/bin/sh\necho "error while loading shared libraries: libx" >&2; exit 127\n';
    writeProgram(bin, 'llama-server', broken);
    ctx.env = { ...ctx.env, PATH: `${bin}:/usr/bin:/bin` };
    expect(await llamaCpp.locate(ctx)).toBeNull();
    expect((await surveyEngine(ctx, llamaCpp)).obstacle).toMatch(/bin\/llama-server: .*libx/);
    await expect(llamaCpp.locate(ctx, { enginePath: bin })).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('libx'),
    });
    await expect(llamaCpp.locate(ctx, { enginePath: '/nowhere' })).rejects.toThrow('/nowhere');
  });
});

describe('models', () => {
  it('takes a file of the user, and says what is in it', async () => {
    const found = await llamaCpp.models.locate(ctx, 'mine', { modelPath: options.modelPath });
    expect(found).toMatchObject({ id: 'mine', source: 'model-path', quant: 'Q4_1', parameters: 6 });
  });

  it('says what to do about a file that is not there', async () => {
    await expect(
      llamaCpp.models.locate(ctx, '', { modelPath: '/nope.gguf' }),
    ).rejects.toMatchObject({
      code: 'PREREQ_MODEL_MISSING',
      hint: expect.stringContaining('bench model list'),
    });
  });

  it('knows what it does not have', async () => {
    expect(await llamaCpp.models.locate(ctx, 'smollm2-135m', { quant: 'q4_1' })).toBeNull();
    await expect(
      llamaCpp.models.locate(ctx, 'smollm2-135m', { quant: 'fp8' }),
    ).rejects.toMatchObject({ code: 'USAGE_QUANT_UNAVAILABLE', exitCode: 2 });
    await expect(llamaCpp.models.pull(ctx, 'gpt-9')).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('runDoctor', () => {
  it('lists what is there, what is missing, and the next step', async () => {
    const checks = await runDoctor(ctx, { endpoint: 'http://127.0.0.1:1/v1' });
    const by = Object.fromEntries(checks.map((check) => [check.check, check]));
    expect(by['engine-llama.cpp']?.status).toBe('ok');
    expect(by['model-smollm2-135m']).toMatchObject({
      status: 'warn',
      hint: 'bench model pull smollm2-135m',
    });
    expect(by['endpoint']?.status).toBe('fail');
    expect(by['cache']?.message).toContain(cacheLayout(ctx).root);
  }, 30_000);
});
