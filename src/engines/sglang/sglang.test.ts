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
import { sglang } from './index.ts';
import { sglangLogPatterns } from './log-patterns.ts';
import { sglangSettings } from './state.ts';
import { fakeSglang, serverInfo } from './test-support.ts';

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
  const installed = await sglang.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

/** The arguments after the program, for the model and the slots of `options`. */
const argumentsAt = (port: number) => [
  ...['--model-path', options.modelPath, '--served-model-name', 'tiny'],
  ...['--host', '127.0.0.1', '--port', String(port)],
  ...['--max-running-requests', '4', '--context-length', '1024', '--enable-metrics'],
];

describe('on a stand-in for the program', () => {
  beforeEach(() => {
    const python = writeProgram(bin, 'python3.12', fakeSglang);
    writeProgram(bin, 'sglang', `#!${python}\n`);
  });

  it.each(selectCases(engineCases))('$name', async ({ run }) =>
    run({
      engine: sglang,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--schedule-policy', 'lpm'],
      breakage: { extraArgs: ['--frobs', '1'], says: '--frobs' },
    }),
  );

  it('is started with metrics and the context of the model, and tells its settings', async () => {
    expect(await found()).toMatchObject({ version: '0.5.9', source: 'path' });
    const extraArgs = ['--schedule-policy', 'lpm'];
    const running = await sglang.start(ctx, await found(), { ...options, extraArgs });
    try {
      const [program, ...rest] = running.commandLine;
      expect(program).toBe(join(bin, 'sglang'));
      expect(rest).toEqual(['serve', ...argumentsAt(running.port), ...extraArgs]);
      expect(await running.settings()).toMatchObject({
        ...{ server_version: '0.5.9', attention_backend: 'fa3', scheduling_policy: 'lpm' },
        ...{ max_running_requests: 4, context_length: 1024 },
      });
      expect(await running.activity()).toBe('8128902/2');
    } finally {
      await running.stop();
    }
  });

  it('explains a crash by the cause that the log gives away', async () => {
    const line = 'RuntimeError: No accelerator (CUDA, XPU, HPU, NPU, MUSA) is available.';
    const env = { ...ctx.env, FAKE_CRASH: line };
    await expect(sglang.start({ ...ctx, env }, await found(), options)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'missing-driver' },
    });
  });
});

describe('finding it', () => {
  it('takes a Python that has the package, and starts its module', async () => {
    ctx.env = { ...ctx.env, PATH: bin };
    const path = writeProgram(bin, 'python3', fakeSglang);
    expect(await found()).toMatchObject({ version: '0.5.9', path });
    const running = await sglang.start(ctx, await found(), options);
    await running.stop();
    expect(running.commandLine).toEqual([
      ...[path, '-m', 'sglang.launch_server'],
      ...argumentsAt(running.port),
    ]);
    expect(await sglang.locate(ctx, { enginePath: ctx.folder })).toMatchObject({
      source: 'engine-path',
      path,
    });
  });

  it('does not take a Python without it', async () => {
    ctx.env = { ...ctx.env, PATH: bin };
    const path = writeProgram(bin, 'python3', '#!/bin/sh\nexit 1\n');
    expect(await sglang.locate(ctx)).toBeNull();
    await expect(sglang.locate(ctx, { enginePath: path })).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('it has no sglang'),
    });
  });

  it('says that it needs a GPU, and that bench does not install it', async () => {
    // Nothing else: this machine may have a GPU.
    ctx.env = { ...ctx.env, PATH: bin };
    symlinkSync('/bin/cat', join(bin, 'cat'));
    expect(await surveyEngine(ctx, sglang)).toMatchObject({
      installed: null,
      obstacle: 'not installed.',
      checks: [{ hint: expect.stringContaining('pip install sglang') }],
    });
    await expect(sglang.install(ctx)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE',
      hint: expect.stringContaining('--engine-path'),
    });
    writeProgram(bin, 'sglang', '#!/bin/sh\necho 0.5.9\n');
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "No devices were found"; exit 6\n');
    expect((await surveyEngine(ctx, sglang)).obstacle).toMatch(/SGLang needs a GPU/);
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n');
    expect((await surveyEngine(ctx, sglang)).obstacle).toBeNull();
  });
});

describe('sglangSettings', () => {
  it('takes what says how it computes out of a recorded server info', () => {
    const settings = sglangSettings(serverInfo);
    expect(settings).toMatchObject({
      ...{ server_version: '0.5.9', attention_backend: 'fa3', scheduling_policy: 'fcfs' },
      ...{ mem_fraction_static: 0.907, max_total_num_tokens: 20480, random_seed: 660209682 },
    });
    expect(Object.keys(settings)).not.toContain('api_key');
    expect(Object.keys(settings)).not.toContain('model_path');
  });

  it('believes the scheduler before the arguments, and names both backends where they differ', () => {
    const internal_states = [
      {
        ...{ prefill_attention_backend: 'fa3', decode_attention_backend: 'flashinfer' },
        schedule_policy: 'lpm',
      },
    ];
    const info = { attention_backend: null, schedule_policy: 'fcfs', internal_states };
    expect(sglangSettings(info)).toMatchObject({
      attention_backend: 'fa3 (prefill), flashinfer (decode)',
      scheduling_policy: 'lpm',
    });
  });
});

/** Lines as the sources named beside each pattern have them. */
const lines: [cause: string | null, line: string][] = [
  [
    'out-of-memory',
    'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.',
  ],
  [
    'out-of-memory',
    'ValueError: Loaded weights leave no GPU memory for the KV cache under --mem-fraction-static=0.88. Raise --mem-fraction-static above 0.912 (minimum viable = 1 - available/pre = 0.9113).',
  ],
  ['out-of-memory', 'Exception: Capture cuda graph failed: CUDA out of memory. Tried to allocate'],
  ['out-of-memory', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'],
  ['cuda-graph', 'Exception: Capture cuda graph failed: operation not permitted'],
  ['missing-driver', 'RuntimeError: No accelerator (CUDA, XPU, HPU) is available.'],
  ['missing-driver', 'RuntimeError: Found no NVIDIA driver on your system.'],
  [
    'context-too-long',
    "ValueError: Warning: User-specified context_length (65536) is greater than the derived context_length (32768). This may lead to incorrect model outputs or CUDA errors. Note that the derived context_length may differ from max_position_embeddings in the model's config.",
  ],
  [
    'model-not-found',
    "OSError: smollm2-135m is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
  ],
  [
    'model-invalid',
    "ValueError: Model architectures ['Glm4ForCausalLM'] are not supported for now. Supported architectures: dict_keys(['BaichuanForCausalLM'",
  ],
  ['unsupported-flag', 'launch_server.py: error: unrecognized arguments: --enable-reasoning'],
  [
    'port-in-use',
    "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 30000): address already in use",
  ],
  [
    null,
    "[2026-02-14 02:07:50] Warning: Target model's context_length (8192) is greater than the derived context_length (2048).",
  ],
  [null, '[2026-02-09 03:51:09] The server is fired up and ready to roll!'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], sglangLogPatterns)?.cause ?? null).toBe(cause);
});
