import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
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
import { vllm } from './index.ts';
import { vllmLogPatterns } from './log-patterns.ts';
import { cacheSettings } from './state.ts';
import { fakeVllm, recordedMetrics } from './test-support.ts';

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
  const installed = await vllm.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

describe('on a stand-in for the program', () => {
  beforeEach(() => void writeProgram(bin, 'vllm', fakeVllm));

  it.each(selectCases(engineCases))('$name', async ({ run }) =>
    run({
      engine: vllm,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--dtype', 'bfloat16'],
      breakage: { extraArgs: ['--frobs', '1'], says: '--frobs' },
    }),
  );

  it('is asked for no more context than the model has, and tells its settings', async () => {
    expect(await found()).toMatchObject({ version: '0.32.0+cpu', source: 'path' });
    const running = await vllm.start(ctx, await found(), options);
    try {
      expect(running.commandLine.slice(1)).toEqual([
        ...['serve', options.modelPath, '--served-model-name', 'tiny', '--host', '127.0.0.1'],
        ...['--port', String(running.port), '--max-num-seqs', '4', '--max-model-len', '1024'],
      ]);
      expect(await running.settings()).toMatchObject({
        ...{ server_version: '0.32.0+cpu', model_root: options.modelPath, max_model_len: 1024 },
        ...{ num_gpu_blocks: 16384, enable_prefix_caching: true },
      });
    } finally {
      await running.stop();
    }
  });

  it('says why it crashed, by the cause that the log gives away', async () => {
    const env = { ...ctx.env, FAKE_CRASH: 'RuntimeError: Failed to infer device type, please set' };
    await expect(vllm.start({ ...ctx, env }, await found(), options)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'missing-driver' },
    });
  });
});

describe('finding it', () => {
  it('asks the environment of the program for the version, and does not start it', async () => {
    const python = writeProgram(bin, 'python3.12', '#!/bin/sh\necho 0.11.0\n');
    const path = writeProgram(bin, 'vllm', `#!${python}\nnot to be run\n`);
    expect(await vllm.locate(ctx)).toMatchObject({ version: '0.11.0', path });
    expect(await vllm.locate(ctx, { enginePath: ctx.folder })).toMatchObject({
      source: 'engine-path',
      path,
    });
    await expect(vllm.locate(ctx, { enginePath: options.modelPath })).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('no vllm in it'),
    });
  });

  it('says that a build for GPUs finds none, and that bench does not install it', async () => {
    // Nothing else: this machine may have a GPU.
    ctx.env = { ...ctx.env, PATH: bin };
    symlinkSync('/bin/cat', join(bin, 'cat'));
    expect(await surveyEngine(ctx, vllm)).toMatchObject({
      installed: null,
      obstacle: 'not installed.',
      checks: [{ hint: expect.stringContaining('pip install vllm') }],
    });
    await expect(vllm.install(ctx)).rejects.toMatchObject({ code: 'PREREQ_ENGINE' });
    writeProgram(bin, 'vllm', '#!/bin/sh\necho 0.11.0\n');
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "No devices were found"; exit 6\n');
    expect((await surveyEngine(ctx, vllm)).obstacle).toMatch(/needs a GPU/);
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "GPU 0: NVIDIA H100 (UUID: GPU-1)"\n');
    expect(await surveyEngine(ctx, vllm)).toMatchObject({
      obstacle: null,
      checks: [{}, { message: 'nvidia-smi lists GPU 0: NVIDIA H100.' }],
    });
  });
});

it('takes folders and ids of a hub, and no files', async () => {
  expect(await vllm.models.locate(ctx, 'Qwen/Qwen3-0.6B')).toMatchObject({
    path: 'Qwen/Qwen3-0.6B',
    contextLength: null,
  });
  expect(await vllm.models.locate(ctx, 'mine', { modelPath: options.modelPath })).toMatchObject({
    id: 'mine',
    contextLength: 1024,
  });
  await expect(vllm.models.locate(ctx, 'smollm2-135m')).rejects.toMatchObject({
    code: 'USAGE_UNKNOWN_MODEL',
  });
  const modelPath = join(options.modelPath, 'config.json');
  await expect(vllm.models.locate(ctx, 'x', { modelPath })).rejects.toThrow(/it is a file/);
});

it('reads the cache off a recorded page of vLLM 0.32', () => {
  expect(cacheSettings(recordedMetrics)).toEqual({
    num_gpu_blocks: 16384,
    block_size: 128,
    cache_dtype: 'auto',
    enable_prefix_caching: true,
    gpu_memory_utilization: 0.92,
    kv_cache_size_tokens: 2097152,
    kv_cache_max_concurrency: 2048,
  });
  expect(cacheSettings('')).toEqual({});
});

/** Lines as the sources named beside each pattern have them. */
const lines: [cause: string | null, line: string][] = [
  [
    'port-in-use',
    "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
  ],
  [
    'out-of-memory',
    'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
  ],
  [
    'out-of-memory',
    "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (1.20 GiB).",
  ],
  [
    'out-of-memory',
    'ValueError: Free memory on device cuda:0 (7.34/15.49 GiB) on startup is less than desired GPU memory utilization (0.8, 12.39 GiB).',
  ],
  ['out-of-memory', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'],
  [
    'missing-driver',
    'RuntimeError: Failed to infer device type, please set the environment variable `VLLM_LOGGING_LEVEL=DEBUG`',
  ],
  [
    'missing-driver',
    "ImportError('libcuda.so.1: cannot open shared object file: No such file or directory')",
  ],
  [
    'context-too-long',
    "Value error, User-specified max_model_len (65536) is greater than the derived max_model_len (max_position_embeddings=32768.0 or model_max_length=None in model's config.json).",
  ],
  [
    'model-not-found',
    "ValueError: Invalid repository ID or local directory specified: '/mnt/models'.",
  ],
  [
    'model-invalid',
    "Value error, Model architectures ['DeepseekOCRForCausalLM'] are not supported for now. Supported architectures: dict_keys([",
  ],
  ['unsupported-flag', 'vllm: error: unrecognized arguments: --frobs'],
  [null, 'INFO:     Application startup complete.'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], vllmLogPatterns)?.cause ?? null).toBe(cause);
});
