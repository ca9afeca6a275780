import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
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
import { findingsOf } from './findings.ts';
import { mlx } from './index.ts';
import { mlxDeadLines, mlxLogPatterns } from './log-patterns.ts';
import { fakeMlxPython } from './test-support.ts';

let ctx: TestContext;
let bin: string;
let options: StartOptions;
beforeEach(() => {
  ctx = createTestContext();
  bin = putOnPath(ctx);
  const modelPath = join(realpathSync(ctx.folder), 'hf');
  mkdirSync(modelPath);
  writeFileSync(join(modelPath, 'config.json'), '{"max_position_embeddings": 1024}');
  options = startOptionsOf(ctx, { modelPath, slots: 4, contextTokens: 4 * 8192 });
});
afterEach(() => ctx.cleanUp());

/** Nothing but the programs of `bin`: this machine may have a Python with mlx. */
function hidePythons(): void {
  for (const name of ['cat', 'cp', 'mkdir']) symlinkSync(join('/bin', name), join(bin, name));
  ctx.env = { ...ctx.env, PATH: bin };
}

const found = async () => {
  const installed = await mlx.locate(ctx);
  if (!installed) throw new Error('not found');
  return installed;
};

describe('on a stand-in for a Python that has it', () => {
  beforeEach(() => {
    // The script names it, so that an mlx_lm.server of this machine is not found before it.
    const python = writeProgram(bin, 'python3', fakeMlxPython);
    writeProgram(bin, 'mlx_lm.server', `#!${python}\n`);
  });

  it.each(selectCases(engineCases))('$name', async ({ run }) =>
    run({
      engine: mlx,
      context: ctx,
      installed: await found(),
      options,
      acceptedArgs: ['--prefill-step-size', '64'],
      breakage: { extraArgs: ['--frobs', '1'], says: '--frobs' },
    }),
  );

  it('asks for the model by its real path, as it cannot be told a name', async () => {
    const link = join(ctx.folder, 'link');
    symlinkSync(options.modelPath, link);
    const running = await mlx.start(ctx, await found(), { ...options, modelPath: link });
    try {
      expect(running.modelName).toBe(options.modelPath);
      expect(running.commandLine.slice(1)).toEqual([
        ...['-m', 'mlx_lm', 'server', '--model', options.modelPath, '--host', '127.0.0.1'],
        ...['--port', String(running.port), '--decode-concurrency', '4'],
        ...['--prompt-concurrency', '4'],
      ]);
      expect(await running.settings()).toEqual({
        system_fingerprint: '0.32.2-0.32.4-Linux-x86_64',
      });
      // Its list of models fails where the hub's cache folder is not there.
      const listed = await (await fetch(`${running.baseUrl}/models`)).json();
      expect(listed).toMatchObject({ data: [{ id: options.modelPath }] });
      expect(running.findings).toEqual([]);
    } finally {
      await running.stop();
    }
  });

  it('says that a limit of context has no effect', async () => {
    const running = await mlx.start(ctx, await found(), { ...options, contextTokens: 1024 });
    await running.stop();
    expect(running.findings).toMatchObject([{ code: 'context-not-limited' }]);
  });

  it('says that mlx-lm would take another rope base than the folder has', async () => {
    const found = async (config: object) => {
      writeFileSync(join(options.modelPath, 'config.json'), JSON.stringify(config));
      return (await findingsOf(options, options.modelPath)).map(({ code }) => code);
    };
    const rope_parameters = { rope_theta: 100000 };
    expect(await found({ model_type: 'llama', rope_parameters })).toEqual(['rope-base-not-read']);
    expect(await found({ model_type: 'llama', rope_parameters, rope_theta: 100000 })).toEqual([]);
    expect(await found({ model_type: 'qwen3', rope_parameters })).toEqual([]);
    expect(await found({ model_type: 'llama' })).toEqual([]);
  });

  it.each([
    [
      '2026-11-30 03:00:00,000 - ERROR - mlx_lm.server generation thread died: No safetensors found in /m',
      'model-invalid',
    ],
    ['OSError: [Errno 98] Address already in use', 'port-in-use'],
  ])('does not wait for a process that stays and serves nothing: %s', async (line, cause) => {
    const env = { ...ctx.env, FAKE_DEAD: line };
    const port = cause === 'port-in-use' ? 0 : options.port;
    const starting = mlx.start({ ...ctx, env }, await found(), { ...options, port });
    await expect(starting).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      message: expect.stringContaining('gave up, although its process stayed'),
      details: { cause },
    });
  });
});

describe('finding it', () => {
  beforeEach(hidePythons);

  it('takes the Python that mlx_lm.server names, before others on PATH', async () => {
    writeProgram(bin, 'python3', fakeMlxPython);
    const folder = join(ctx.folder, 'venv', 'bin');
    mkdirSync(folder, { recursive: true });
    const python = writeProgram(folder, 'python', fakeMlxPython);
    const script = writeProgram(bin, 'mlx_lm.server', `#!${python}\nnot to be run\n`);
    const expected = { version: 'mlx-lm 0.32.2, mlx 0.32.4', path: python };
    expect(await mlx.locate(ctx)).toMatchObject({ ...expected, source: 'path' });
    for (const enginePath of [script, python, join(ctx.folder, 'venv')]) {
      expect(await mlx.locate(ctx, { enginePath })).toMatchObject({
        ...expected,
        source: 'engine-path',
      });
    }
    await expect(mlx.locate(ctx, { enginePath: options.modelPath })).rejects.toMatchObject({
      code: 'PREREQ_ENGINE_PATH',
      message: expect.stringContaining('no Python in it'),
    });
  });

  it('says what the Pythons lack, and that mlx without a backend does not load', async () => {
    writeProgram(bin, 'python3', fakeMlxPython.replace("mlx: '0.32.4'", 'mlx: null'));
    const { installed, obstacle, checks } = await surveyEngine(ctx, mlx);
    expect({ installed, obstacle }).toEqual({ installed: null, obstacle: 'not installed.' });
    expect(checks.at(-1)?.message).toMatch(/python3: has no mlx\./);
    writeProgram(bin, 'python3', fakeMlxPython);
    expect(await surveyEngine(ctx, mlx)).toMatchObject({
      obstacle: null,
      checks: [{}, {}, { message: expect.stringContaining('very slow') }],
    });
    const why = 'ImportError: libmlx.so: cannot open shared object file';
    ctx.env = { ...ctx.env, FAKE_IMPORT: why };
    expect(await surveyEngine(ctx, mlx)).toMatchObject({
      obstacle: expect.stringContaining('libmlx.so'),
      checks: [{}, { hint: expect.stringContaining('mlx[cpu]') }],
    });
  });

  it('is asked of PyPI with a backend on Linux, and not at all where there is no wheel', async () => {
    const { BENCH_OFFLINE: _, ...env } = ctx.env;
    ctx.env = env;
    const offered = async (platform: string, arch: string) =>
      (await mlx.sources({ ...ctx, platform, arch }))[0];
    expect((await offered('linux', 'x64'))?.what).toContain('mlx[cpu]==');
    expect((await offered('darwin', 'arm64'))?.what).not.toContain('[cpu]');
    expect((await offered('darwin', 'arm64'))?.unavailable).toBeNull();
    expect((await offered('darwin', 'x64'))?.unavailable).toMatch(/Apple silicon/);
    expect((await offered('win32', 'x64'))?.unavailable).toMatch(/no wheel/);
  });
});

/** Lines as the sources named beside each pattern have them. */
const lines: [cause: string | null, line: string][] = [
  [
    'out-of-memory',
    'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
  ],
  [
    'out-of-memory',
    'RuntimeError: [metal::malloc] Attempting to allocate 48736917632 bytes which is greater than the maximum allowed buffer size of 30150672384 bytes.',
  ],
  ['out-of-memory', 'RuntimeError: [metal::malloc] Resource limit (499000) exceeded.'],
  [
    'missing-library',
    'ImportError: libmlx.so: cannot open shared object file: No such file or directory',
  ],
  ['missing-library', "ModuleNotFoundError: No module named 'mlx'"],
  ['model-invalid', 'ValueError: Model type frob not supported.'],
  ['model-invalid', 'FileNotFoundError: No safetensors found in /models/x'],
  ['model-not-found', "FileNotFoundError: [Errno 2] No such file or directory: '/m/config.json'"],
  ['unsupported-flag', '__main__.py: error: unrecognized arguments: --frobs'],
  ['port-in-use', 'OSError: [Errno 98] Address already in use'],
  [null, '2026-11-30 03:00:00,000 - INFO - Starting httpd at 127.0.0.1 on port 8080...'],
  [null, '127.0.0.1 - - [30/Nov/2026 03:00:00] "POST /v1/completions HTTP/1.1" 200 -'],
];

it.each(lines)('finds %s in: %s', (cause, line) => {
  expect(explainLog([line], mlxLogPatterns)?.cause ?? null).toBe(cause);
});

it('takes no line of a server that works for its end', () => {
  expect(
    lines.filter(([cause]) => cause === null).some(([, line]) => mlxDeadLines.test(line)),
  ).toBe(false);
});
