import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineCases } from '../../testing/index.ts';
import { cacheLayout } from '../cache.ts';
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
import { pytorch } from './index.ts';
import { pytorchLogPatterns } from './log-patterns.ts';
import { fakePython, fakeTorchPython, python } from './test-support.ts';

let ctx: TestContext;
let bin: string;
let options: StartOptions;
beforeEach(() => {
  ctx = createTestContext();
  bin = putOnPath(ctx);
  options = startOptionsOf(ctx, { slots: 1, contextTokens: 256, threads: 1 });
});
afterEach(() => ctx.cleanUp());

/** Nothing but the programs of `bin`: this machine may have a Python with torch. */
function hidePythons(): void {
  for (const name of ['cat', 'cp', 'mkdir']) symlinkSync(join('/bin', name), join(bin, name));
  ctx.env = { ...ctx.env, PATH: bin };
}

const found = async () => {
  const installed = await pytorch.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

describe.skipIf(python === null)('the shared suite, on a stand-in (needs python3)', () => {
  beforeEach(() => void writeProgram(bin, 'python3', fakeTorchPython));

  it.each(engineCases)('$name', async ({ run }) =>
    run({
      engine: pytorch,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--attention', 'eager'],
      breakage: { extraArgs: ['--frobs'], says: '--frobs' },
    }),
  );

  it('tells what the server tells, and that weights were dequantised', async () => {
    const running = await pytorch.start(ctx, await found(), options);
    try {
      expect(running).toMatchObject({
        slots: 1,
        threads: 1,
        version: expect.stringMatching(/^torch/),
      });
      expect(await running.settings()).toMatchObject({ weights: options.modelPath });
      expect(running.findings).toEqual([
        {
          code: 'weights-dequantised',
          severity: 'info',
          message: expect.stringContaining('Q4_1'),
        },
      ]);
    } finally {
      await running.stop();
    }
  });

  it('says why it crashed, by the cause that the log gives away', async () => {
    const env = { ...ctx.env, FAKE_CRASH: 'torch.OutOfMemoryError: CUDA out of memory.' };
    await expect(pytorch.start({ ...ctx, env }, await found(), options)).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      details: { cause: 'out-of-memory' },
    });
  });
});

describe('finding a Python', () => {
  beforeEach(hidePythons);

  it('takes the first that has everything, and says what the others lack', async () => {
    writeProgram(bin, 'python3', fakePython({ gguf: null }));
    const python311 = writeProgram(bin, 'python3.11', fakeTorchPython);
    expect(await pytorch.locate(ctx)).toMatchObject({
      version: 'torch 2.13.0, transformers 5.23.0',
      source: 'path',
      path: python311,
    });
    await expect(pytorch.locate(ctx, { enginePath: join(bin, 'python3') })).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('has no gguf'),
    });
    writeProgram(bin, 'python3.11', '#!/bin/sh\necho broken >&2; exit 1\n');
    const { installed, obstacle, checks } = await surveyEngine(ctx, pytorch);
    expect({ installed, obstacle }).toEqual({ installed: null, obstacle: 'not installed.' });
    expect(checks.map(({ message }) => message).join(' ')).toMatch(
      /python3: has no gguf; .*python3.11: broken/,
    );
  });

  it('looks into the folder of an environment', async () => {
    mkdirSync(join(ctx.folder, 'venv', 'bin'), { recursive: true });
    const path = writeProgram(join(ctx.folder, 'venv', 'bin'), 'python', fakeTorchPython);
    expect(await pytorch.locate(ctx, { enginePath: join(ctx.folder, 'venv') })).toMatchObject({
      path,
      source: 'engine-path',
    });
    await expect(pytorch.locate(ctx, { enginePath: bin })).rejects.toThrow(/no Python in it/);
  });

  it('tells a Python that has all, and cannot load it', async () => {
    writeProgram(bin, 'python3', fakeTorchPython);
    ctx.env = { ...ctx.env, FAKE_IMPORT: 'ImportError: libgomp.so.1' };
    expect((await surveyEngine(ctx, pytorch)).obstacle).toMatch(/does not load: .*libgomp/);
  });
});

describe('installing', () => {
  /** Behaves as venv and pip do towards us. */
  const fakePip = `#!/bin/sh
case "$*" in
  *"import sys"*) printf '3.12.1\\n%s\\n24.0\\n' "$0"; exit 0 ;;
  *" venv "*) mkdir -p "$4/bin"; cp "$FAKE_MADE" "$4/bin/python"; exit 0 ;;
  *" install "*)
    echo "$@" >> "$FAKE_LOG"
    if [ -n "$FAKE_NO_NETWORK" ]; then echo "ERROR: No matching distribution" >&2; exit 1; fi
    while [ "$1" != --report ]; do shift; done
    cat > "$2" <<'EOT'
{"version": "1", "install": [
  {"metadata": {"name": "torch", "version": "2.13.0"},
   "download_info": {"archive_info": {"hashes": {"sha256": "bb"}}}},
  {"metadata": {"name": "numpy", "version": "2.0.0"},
   "download_info": {"archive_info": {"hashes": {"sha256": "aa"}}}}]}
EOT
    exit 0 ;;
esac
exit 9
`;
  beforeEach(() => {
    hidePythons();
    writeProgram(bin, 'python3', fakePip);
    const made = writeProgram(ctx.folder, 'made', fakeTorchPython);
    const { BENCH_OFFLINE: _, ...env } = ctx.env;
    ctx.env = { ...env, FAKE_MADE: made, FAKE_LOG: join(ctx.folder, 'pip.log') };
  });

  it('makes an environment of its own, notes what is in it, and finds it again', async () => {
    const installed = await pytorch.install(ctx);
    expect(installed).toMatchObject({
      source: 'pypi',
      version: 'torch 2.13.0, transformers 5.23.0',
      path: expect.stringMatching(/pypi-[\d.]+\/venv\/bin\/python$/),
    });
    const manifest = join(installed.path, '../../../manifest.json');
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({
      from: 'numpy==2.0.0 torch==2.13.0',
      // printf 'numpy==2.0.0 aa\ntorch==2.13.0 bb' | sha256sum, coreutils 9.1
      sha256: '16d3e811629731ca7735732518342c7e5079e2749c0710af784183f1a16495e4',
      verified: false,
    });
    expect(await pytorch.locate(ctx)).toEqual(installed);
    const asked = readFileSync(ctx.env['FAKE_LOG'] ?? '', 'utf8');
    expect(asked).toMatch(/--python \S+venv\/bin\/python .*torch==\S+ transformers==\S+ gguf==/);
    expect(asked.trim().split('\n')).toHaveLength(1);
  });

  it('says beforehand how large it is, and without a network what to do', async () => {
    ctx.platform = 'linux';
    ctx.arch = 'x64';
    expect(await pytorch.sources(ctx)).toMatchObject([{ bytes: 2_800_000_000, unavailable: null }]);
    ctx.env = { ...ctx.env, FAKE_NO_NETWORK: '1' };
    await expect(pytorch.install(ctx)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE',
      message: expect.stringContaining('No matching distribution'),
      hint: expect.stringContaining('pip download'),
    });
    expect(await pytorch.locate(ctx)).toBeNull();
    expect(readdirSync(cacheLayout(ctx).tmp)).toEqual([]);
  });
});

describe('starting', () => {
  it('refuses slots, and a broken file, before anything starts', async () => {
    const installed = {
      ...{ engine: 'pytorch', version: '', source: 'path' },
      path: '/x',
      kind: 'binary' as const,
    };
    await expect(pytorch.start(ctx, installed, { ...options, slots: 2 })).rejects.toMatchObject({
      code: 'USAGE_ENGINE_SLOTS',
      message: expect.stringContaining('--slots 2'),
      hint: expect.stringContaining("'--slots 2'"),
    });
    writeFileSync(options.modelPath, 'PK');
    await expect(pytorch.start(ctx, installed, options)).rejects.toMatchObject({
      code: 'PREREQ_MODEL_FORMAT',
    });
  });

  it('takes a model folder in Hugging Face format', async () => {
    const folder = join(ctx.folder, 'hf');
    mkdirSync(folder);
    await expect(pytorch.models.locate(ctx, 'mine', { modelPath: folder })).rejects.toMatchObject({
      code: 'PREREQ_MODEL_FORMAT',
    });
    const config = {
      architectures: ['LlamaForCausalLM'],
      dtype: 'bfloat16',
      max_position_embeddings: 64,
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'model.safetensors'), '12345');
    expect(await pytorch.models.locate(ctx, 'mine', { modelPath: folder })).toMatchObject({
      ...{ id: 'mine', path: folder, bytes: 5, quant: 'bfloat16', contextLength: 64 },
    });
  });
});

/** Lines as CPython, argparse, torch 2.13 and our own server write them. */
const lines: [cause: string | null, line: string][] = [
  [
    'port-in-use',
    'reference: error: cannot listen on ::1 port 8000: [Errno 98] Address already in use',
  ],
  [
    'out-of-memory',
    "RuntimeError: [enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.",
  ],
  ['out-of-memory', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'],
  ['missing-driver', 'reference: error: no CUDA device: torch does not see one'],
  ['missing-driver', 'RuntimeError: Found no NVIDIA driver on your system.'],
  ['missing-library', "reference: error: cannot import: No module named 'gguf'"],
  ['model-not-found', 'reference: error: no such model file: x.gguf'],
  ['model-invalid', "reference: error: unsupported model architecture 'qwen3' in a GGUF file"],
  ['unsupported-flag', 'pytorch-reference: error: unrecognized arguments: --frobs'],
  ['unsupported-flag', "pytorch-reference: error: argument --dtype: invalid choice: 'x'"],
  [null, 'reference: listening on 127.0.0.1 port 41000, pid 7'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], pytorchLogPatterns)?.cause ?? null).toBe(cause);
});
