import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import { takesName } from './command.ts';
import { trtllm } from './index.ts';
import { trtllmLogPatterns } from './log-patterns.ts';
import { fakeTrtllm } from './test-support.ts';

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
  const installed = await trtllm.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

/** The program, run by a Python whose package has that version. */
function putProgram(version: string): string {
  const python = writeProgram(bin, 'python3.12', fakeTrtllm(version));
  return writeProgram(bin, 'trtllm-serve', `#!${python}\n`);
}

describe('on a stand-in for the program', () => {
  it.each(selectCases(engineCases))('$name', async ({ run }) => {
    putProgram('1.3.0');
    await run({
      engine: trtllm,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--kv_cache_free_gpu_memory_fraction', '0.8'],
      breakage: { extraArgs: ['--frobs', '1'], says: '--frobs' },
    });
  });

  it('is started with metrics and a name, and tells its settings from the log', async () => {
    const path = putProgram('1.3.0');
    const running = await trtllm.start(ctx, await found(), options);
    try {
      const file = join(ctx.folder, 'logs', 'trtllm-options.yaml');
      expect(running.commandLine).toEqual([
        ...[path, options.modelPath, '--host', '127.0.0.1', '--port', String(running.port)],
        ...['--max_batch_size', '4', '--max_seq_len', '1024', '--max_num_tokens', '8192'],
        ...['--extra_llm_api_options', file, '--served_model_name', 'tiny'],
      ]);
      expect(readFileSync(file, 'utf8')).toContain('enable_iter_perf_stats: true');
      expect(await running.settings()).toEqual({
        ...{ server_version: '1.3.0', attention_backend: 'TRTLLM' },
        ...{ scheduling_policy: 'GUARANTEED_NO_EVICT', kv_cache_size_tokens: 86720 },
        // What was left of them after the KV cache was measured: the last of two lines.
        ...{ max_seq_len: 86720, max_num_tokens: 8192, max_batch_size: 64 },
      });
      expect(await running.activity()).toBe('0/2');
    } finally {
      await running.stop();
    }
  });

  it('gives releases without that option no name, and a long prompt room in one batch', async () => {
    putProgram('1.2.1');
    const long = { ...options, modelPath: ctx.folder, contextTokens: 4 * 32_768 };
    const running = await trtllm.start(ctx, await found(), long);
    await running.stop();
    expect(running.commandLine).not.toContain('--served_model_name');
    expect(running.commandLine.join(' ')).toContain('--max_seq_len 32768 --max_num_tokens 32768');
  });

  it('explains a crash by the cause that the log gives away', async () => {
    putProgram('1.2.1');
    const env = { ...ctx.env, FAKE_CRASH: 'ValueError: No GPU devices found on the node' };
    await expect(trtllm.start({ ...ctx, env }, await found(), options)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'missing-driver' },
    });
  });
});

it('says that it needs an NVIDIA GPU, and that bench does not install it', async () => {
  // Nothing else: this machine may have a GPU.
  ctx.env = { ...ctx.env, PATH: bin };
  expect(await surveyEngine(ctx, trtllm)).toMatchObject({
    installed: null,
    obstacle: 'not installed.',
    checks: [{ hint: expect.stringContaining('pip install tensorrt_llm') }],
  });
  await expect(trtllm.install(ctx)).rejects.toMatchObject({ code: 'PREREQ_ENGINE' });
  writeProgram(bin, 'python3', '#!/bin/sh\necho 1.2.1\n');
  writeProgram(bin, 'trtllm-serve', '#!/usr/bin/env python3\n');
  writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n');
  expect(await surveyEngine(ctx, trtllm)).toMatchObject({
    installed: { version: '1.2.1' },
    obstacle: null,
  });
  writeProgram(bin, 'nvidia-smi', '#!/bin/sh\nexit 9\n');
  expect((await surveyEngine(ctx, trtllm)).obstacle).toMatch(/TensorRT-LLM needs a GPU/);
});

it.each([
  ['0.18.2', false],
  ['1.2.1', false],
  ['1.3.0rc6', false],
  ['1.3.0rc7', true],
  ['1.3.0', true],
  ['2.0.0rc1', true],
])('knows whether %s takes a name', (version, takes) => {
  expect(takesName(version)).toBe(takes);
});

/** Lines as the sources named beside each pattern have them. */
const lines: [cause: string | null, line: string][] = [
  ['missing-driver', 'ValueError: No GPU devices found on the node'],
  [
    'port-in-use',
    'RuntimeError: Failed to bind socket to 127.0.0.1:8000: [Errno 98] Address already in use',
  ],
  ['out-of-memory', '[TRT-LLM] [E] Executor creation failed due to insufficient GPU memory.'],
  ['out-of-memory', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 48.00 MiB.'],
  [
    'context-too-long',
    'ValueError: The sum of prompt length (11893.0), query length (0) should not exceed max_num_tokens (8192)',
  ],
  [
    'model-invalid',
    'ValueError: Unknown architecture for AutoModelForCausalLM: MiniMaxM2ForCausalLM',
  ],
  [
    'model-not-found',
    "OSError: smollm2-135m is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
  ],
  ['unsupported-flag', 'Error: No such option: --frobs'],
  ['unsupported-flag', '  Extra inputs are not permitted [type=extra_forbidden, input_value=True]'],
  [null, '[12/20/2025-04:21:10] [TRT-LLM] [W] Adjusted max_seq_len to 8224'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], trtllmLogPatterns)?.cause ?? null).toBe(cause);
});
