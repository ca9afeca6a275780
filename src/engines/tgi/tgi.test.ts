import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineCases, selectCases } from '../../testing/index.ts';
import type { StartOptions } from '../engine.ts';
import { explainLog } from '../log-patterns.ts';
import { surveyEngine } from '../survey.ts';
import {
  createTestContext,
  putOnPath,
  startOptionsOf,
  type TestContext,
  writeProgram,
} from '../test-support.ts';
import { tgi } from './index.ts';
import { tgiLogPatterns } from './log-patterns.ts';
import { readLogSettings } from './state.ts';
import { fakeTgi } from './test-support.ts';

let ctx: TestContext;
let bin: string;
let options: StartOptions;
beforeEach(() => {
  ctx = createTestContext();
  bin = putOnPath(ctx);
  const modelPath = join(ctx.folder, 'hf');
  mkdirSync(modelPath);
  writeFileSync(join(modelPath, 'config.json'), '{"max_position_embeddings": 1024}');
  options = startOptionsOf(ctx, { modelPath, slots: 4, contextTokens: 4 * 2048 });
});
afterEach(() => ctx.cleanUp());

const found = async () => {
  const installed = await tgi.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

describe('on a stand-in for the launcher', () => {
  beforeEach(() => void writeProgram(bin, 'text-generation-launcher', fakeTgi));

  it.each(selectCases(engineCases))('$name', async ({ run }) =>
    run({
      engine: tgi,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--max-waiting-tokens', '30'],
      breakage: { extraArgs: ['--frobs', '1'], says: '--frobs' },
    }),
  );

  it('is started with sockets of its own, tells its settings, and leaves no socket', async () => {
    expect(await found()).toMatchObject({ version: '3.3.6-dev0', source: 'path' });
    const running = await tgi.start(ctx, await found(), options);
    const socket = `/tmp/bench-tgi-${running.port}`;
    try {
      const [program, ...rest] = running.commandLine;
      expect(program).toBe(join(bin, 'text-generation-launcher'));
      expect(rest).toEqual([
        ...['--model-id', options.modelPath, '--hostname', '127.0.0.1'],
        ...['--port', String(running.port), '--shard-uds-path', socket],
        ...['--max-batch-size', '4', '--max-total-tokens', '1024'],
        ...['--max-concurrent-requests', '65536'],
      ]);
      expect(await running.settings()).toEqual({
        ...{ server_version: '3.3.6-dev0', router: 'text-generation-router', sha: 'db931fc' },
        ...{ attention_backend: 'flashinfer', prefix_caching: true },
        ...{ max_batch_total_tokens: 90512, max_total_tokens: 1024, max_input_tokens: 1023 },
        ...{ max_concurrent_requests: 65536, max_client_batch_size: 4, validation_workers: 2 },
      });
      expect(running.findings.map(({ code }) => code)).toEqual(['slots-not-enforced']);
      expect(existsSync(`${socket}-0`)).toBe(true);
    } finally {
      await running.stop();
    }
    expect(existsSync(`${socket}-0`)).toBe(false);
  });

  it('names the launcher that is on PATH and not taken, and why', async () => {
    const path = writeProgram(bin, 'text-generation-launcher', '#!/bin/sh\necho hi\n');
    ctx.env = { ...ctx.env, PATH: `${bin}:/usr/bin:/bin` };
    const why = `${path}: --version names no version: hi`;
    const { obstacle } = await surveyEngine(ctx, tgi);
    expect(obstacle).toBe(`not usable: ${why}.`);
    await expect(tgi.install(ctx)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE',
      message: expect.stringContaining(`TGI is not usable (${why})`),
    });
  });

  it('explains a crash by the cause that the log gives away', async () => {
    const line = 'Error: NotEnoughCUDADevices("`sharded` is true but only found 0 CUDA devices")';
    const env = { ...ctx.env, FAKE_CRASH: line };
    await expect(tgi.start({ ...ctx, env }, await found(), options)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'missing-driver' },
    });
  });

  it('says that it needs a GPU', async () => {
    ctx.env = { ...ctx.env, PATH: `${bin}:/nowhere` };
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\nexit 9\n');
    expect((await surveyEngine(ctx, tgi)).obstacle).toMatch(/TGI needs a GPU/);
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "GPU 0: NVIDIA H100 (UUID: GPU-1)"\n');
    expect((await surveyEngine(ctx, tgi)).obstacle).toBeNull();
  });
});

it('says that bench does not install it', async () => {
  ctx.env = { ...ctx.env, PATH: bin };
  expect(await surveyEngine(ctx, tgi)).toMatchObject({
    installed: null,
    obstacle: 'not installed.',
    checks: [{ hint: expect.stringContaining('container image') }],
  });
  await expect(tgi.install(ctx)).rejects.toMatchObject({ code: 'PREREQ_ENGINE' });
});

it('reads of two starts in one log the later, and of none nothing', async () => {
  const log = join(ctx.folder, 'two.log');
  writeFileSync(
    log,
    'Using attention flashinfer - Prefix caching true\nUsing attention paged - Prefix caching 0\n',
  );
  expect(await readLogSettings(log)).toEqual({ attention_backend: 'paged', prefix_caching: false });
  expect(await readLogSettings(join(ctx.folder, 'none.log'))).toEqual({});
});

/** Lines as the sources named beside each pattern have them. */
const lines: [cause: string | null, line: string][] = [
  [
    'out-of-memory',
    'RuntimeError: Not enough memory to handle 4096 prefill tokens. You need to decrease `--max-batch-prefill-tokens`',
  ],
  [
    'out-of-memory',
    'Error: Backend(NotEnoughMemory): Not enough memory to handle `max_total_tokens=131072`',
  ],
  ['out-of-memory', 'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB'],
  ['missing-driver', 'ImportError: CUDA is not available'],
  ['missing-library', 'ERROR text_generation_launcher: text-generation-server not found in PATH'],
  [
    'context-too-long',
    'ERROR text_generation_router: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2000 `inputs` tokens and 100 `max_new_tokens`',
  ],
  ['model-invalid', 'ValueError: Unsupported model type smollm9'],
  ['model-not-found', 'huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error.'],
  ['model-not-found', 'RuntimeError: No safetensors weights found for model x at revision None.'],
  ['unsupported-flag', "error: unexpected argument '--frobs' found"],
  [
    'unsupported-flag',
    'Error: ArgumentValidation("`max_input_tokens`(2048) must be < `max_total_tokens`(1024)")',
  ],
  [
    'port-in-use',
    'RuntimeError: The server socket has failed to listen on any local network address. The server socket has failed to bind to [::]:29500 (errno: 98 - Address already in use).',
  ],
  ['port-in-use', 'Failed to bind to 0.0.0.0:3000: Address already in use (os error 98)'],
  [null, 'INFO text_generation_launcher: Shard ready in 20.5s'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], tgiLogPatterns)?.cause ?? null).toBe(cause);
});
