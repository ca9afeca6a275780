import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineSubject, engineCases, runCases, selectCases } from '../testing/index.ts';
import { findEngine } from './index.ts';
import {
  buildGguf,
  createTestContext,
  fakeLlamaServer,
  type TestContext,
  writeProgram,
} from './test-support.ts';

let ctx: TestContext;
let subject: EngineSubject;

const options = (folder: string, modelPath: string) => ({
  modelPath,
  modelName: 'tiny',
  host: '127.0.0.1',
  port: 0,
  slots: 2,
  contextTokens: 512,
  threads: null,
  logPath: join(folder, 'logs', 'engine.log'),
  extraArgs: [],
  startupTimeoutMs: 120_000,
});

const installed = async (engine: EngineSubject['engine']) => {
  const found = await engine.locate(ctx);
  if (!found) throw new Error(`${engine.id} is not on this machine`);
  return found;
};

describe('llama.cpp, a stand-in', () => {
  afterAll(() => ctx.cleanUp());
  beforeAll(async () => {
    ctx = createTestContext();
    const bin = join(ctx.folder, 'bin');
    mkdirSync(bin);
    writeProgram(bin, 'llama-server', fakeLlamaServer);
    ctx.env = { ...ctx.env, PATH: `${bin}:${ctx.env['PATH']}` };
    const modelPath = join(ctx.folder, 'm.gguf');
    writeFileSync(modelPath, buildGguf({ 'general.architecture': 'llama' }));
    const engine = findEngine('llama.cpp');
    subject = {
      engine,
      context: ctx,
      installed: await installed(engine),
      options: options(ctx.folder, modelPath),
      acceptedArgs: ['--flash-attn', 'off'],
      breakage: { env: { FAKE_CRASH: 'error: invalid argument: --frobs' }, says: '--frobs' },
    };
  });
  it.each(engineCases)('$name', ({ run }) => run(subject), 60_000);

  it('the suite notices an engine that drops arguments, and one that asks the network', async () => {
    const broken: EngineSubject['engine'] = {
      ...subject.engine,
      start: (context, found, all) =>
        subject.engine.start(context, found, { ...all, extraArgs: [] }),
      async locate(context, where) {
        context.emit({ kind: 'download', what: 'list', doneBytes: 0, totalBytes: null });
        return subject.engine.locate(context, where);
      },
    };
    const results = await runCases(engineCases, { ...subject, engine: broken });
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map(({ name }) => name)).toEqual([
      'is found again without a network',
      'passes arguments of the user on as they are, after its own',
    ]);
  }, 60_000);
});

describe.skipIf(!process.env['BENCH_REAL_ENGINE'])('llama.cpp, the real one', () => {
  afterAll(() => ctx.cleanUp());
  beforeAll(async () => {
    // The user's own cache: the engine and the model are fetched once per machine.
    ctx = createTestContext();
    const { BENCH_CACHE_DIR: _, ...env } = ctx.env;
    ctx.env = env;
    const engine = findEngine('llama.cpp');
    await engine.install(ctx);
    const model = await engine.models.pull(ctx, 'smollm2-135m');
    subject = {
      engine,
      context: ctx,
      installed: await installed(engine),
      options: options(ctx.folder, model.path),
      acceptedArgs: ['--set', 'n_batch=256'],
      breakage: { extraArgs: ['--set', 'n_frobs=3'], says: 'n_frobs' },
    };
  }, 300_000);
  it.for(selectCases(engineCases))(
    '$name',
    { timeout: 120_000 },
    ({ run, skipReason }, context) => {
      context.skip(skipReason !== null, skipReason ?? undefined);
      return run(subject);
    },
  );
});
