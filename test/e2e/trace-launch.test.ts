import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareModel } from '../../src/app/arena/judge/prepare-model.ts';
import { type TraceOrder, traceLaunch } from '../../src/app/arena/trace/trace-launch.ts';
import { createEntryContext } from '../../src/engines/index.ts';
import { sandboxes } from '../../src/sandbox/index.ts';
import { tempDir } from './run-bench.ts';

const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
const ctx = createEntryContext(() => {});
const canTrace = spawnSync('strace', ['-V']).status === 0;

const ask = {
  messages: [{ role: 'user' as const, content: 'say something' }],
  ...{ inputTokens: 4, outputTokens: 8, temperature: 0, ignoreEos: true },
};

/** Starts the toy by `main` in a sandbox, traced. */
async function trace(id: string, main: string, change: Partial<TraceOrder> = {}) {
  const root = tempDir();
  const sandbox = sandboxes.get(id);
  const folder = join(root, 'submission');
  mkdirSync(folder);
  cpSync(join(corpus, 'toy'), folder, { recursive: true });
  writeFileSync(join(folder, 'facts.json'), '{}');
  writeFileSync(join(folder, 'main.mjs'), main);
  writeFileSync(join(folder, 'start_server.sh'), '#!/bin/sh\nexec node main.mjs\n');
  const modelFile = join(root, 'toy.model');
  writeFileSync(modelFile, 'a toy model\n');
  // The user in the sandbox has to get there.
  chmodSync(root, 0o755);
  const reference = { kind: 'launcher' } as const;
  const options = { modelPath: modelFile, folder: join(root, 'model'), sandbox, reference };
  const model = await prepareModel(ctx, 'toy', options);
  return traceLaunch(
    ctx,
    { folder, ask, readyMs: 10_000, modelFile: model.file, ...change },
    {
      sandbox,
      limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null },
      ...{ modelPath: model.folder, modelName: 'toy', engines: null, readOnly: model.mounts },
      ...{ startupTimeoutMs: 120_000, requestTimeoutMs: 60_000, logPath: join(root, 'log') },
      ...{ client: { apart: false, cpus: null }, accelerators: false, onLimits: () => {} },
    },
  );
}

const toy = "import { serve } from './server.mjs';\n";

describe.skipIf(platform !== 'linux').each(sandboxes.ids())('a launch under a tracer, %s', (id) => {
  it('can be traced in CI', () => {
    if (env['CI'] !== undefined) expect(canTrace).toBe(true);
  });

  it('tells the model, the programs, and files that it made', async (context) => {
    context.skip(!canTrace || (await sandboxes.get(id).available(ctx)) !== null);
    const made = `import { readFileSync, writeFileSync, unlinkSync, openSync } from 'node:fs';
writeFileSync('/tmp/made-' + process.pid, Buffer.alloc(2 << 20, 1));
readFileSync('/tmp/made-' + process.pid);
writeFileSync('own.gguf', Buffer.alloc(3 << 20, 1));
readFileSync('own.gguf');
openSync('/tmp/made-' + process.pid);
unlinkSync('/tmp/made-' + process.pid);
serve();\n`;
    const found = await trace(id, toy + made);
    expect(found).toMatchObject({
      ...{ modelOpened: true, modelBytes: 12, connected: [], blind: false },
    });
    if ('untraced' in found) throw new Error(found.untraced);
    expect(found.executed.map((path) => path.replace(/.*\//, ''))).toEqual(
      expect.arrayContaining(['sh', 'node']),
    );
    expect(found.executed.join(' ')).not.toMatch(/bwrap|setpriv/);
    const told = found.opened.filter(({ kind }) => kind !== 'program');
    expect(told).toContainEqual(expect.objectContaining({ place: 'model', bytes: 12 }));
    expect(told).toContainEqual({
      path: expect.stringMatching(/own\.gguf$/),
      ...{ place: 'submission', bytes: 3 << 20, kind: 'weights', made: true },
    });
    expect(told).toContainEqual({
      path: expect.stringMatching(/^\/tmp\/made-\d+$/),
      ...{ place: 'elsewhere', bytes: 2 << 20, kind: 'data', made: true },
    });
  });

  it('says that one that fills the trace is ended', async (context) => {
    context.skip(!canTrace || (await sandboxes.get(id).available(ctx)) !== null);
    const endless =
      "import { closeSync, openSync } from 'node:fs';\nfor (;;) closeSync(openSync('main.mjs'));\n";
    expect(await trace(id, endless, { mostBytes: 1024 * 1024 })).toEqual({
      untraced: 'its trace grew beyond 1024 KiB',
      byServer: true,
    });
  });
});

describe.skipIf(platform !== 'linux')('a launch under a tracer', () => {
  it('is refused by a server that looks for one', async (context) => {
    context.skip(!canTrace);
    const refuse = `import { readFileSync } from 'node:fs';
if (!/TracerPid:\\s+0/.test(readFileSync('/proc/self/status', 'utf8'))) process.exit(3);
serve();\n`;
    expect(await trace('process', toy + refuse)).toEqual({
      untraced: expect.stringMatching(/did not come up under a tracer: .*exit code 3/),
      byServer: true,
    });
  });

  it('shows a connection to elsewhere, which a sandbox does not let out', async (context) => {
    context.skip(!canTrace || (await sandboxes.get('bubblewrap').available(ctx)) !== null);
    const call = `import { connect } from 'node:net';
serve({ beforeFirst: async () => connect(443, '192.0.2.1').on('error', () => {}) });\n`;
    expect(await trace('bubblewrap', toy + call)).toMatchObject({
      connected: [{ to: '192.0.2.1:443', served: false }],
    });
  });

  it('is not made where there is no strace', async () => {
    const nothing = { ...ctx, env: { ...ctx.env, PATH: '/nowhere' } };
    const order = { folder: '', ask, readyMs: 1, modelFile: '' };
    const settings = { logPath: join(tempDir(), 'log') } as Parameters<typeof traceLaunch>[2];
    expect(await traceLaunch(nothing, order, settings)).toEqual({
      untraced: 'there is no strace on PATH: install the package strace',
      byServer: false,
    });
  });
});
