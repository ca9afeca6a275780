import { join, relative } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { cacheLayout, installAtomically } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { installEnvironment } from '../pip-environment.ts';
import { requirePython } from '../python.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import {
  engineId,
  installFolder,
  locateInstalled,
  locatePyTorch,
  probeInterpreter,
  versionOf,
} from './locate.ts';
import { installBytes, requirements } from './pins.ts';

const wanted = Object.entries(requirements).map(([name, version]) => `${name}==${version}`);

export async function installPyTorch(ctx: EngineContext): Promise<InstalledEngine> {
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    engineId,
    () => locatePyTorch(ctx),
    () =>
      fetchFromFirst(
        ctx,
        'the PyTorch reference server',
        'PREREQ_ENGINE',
        pytorchSources(ctx),
        offlineWay,
      ),
  );
}

export function pytorchSources(ctx: EngineContext): Source<InstalledEngine>[] {
  return [
    {
      id: 'pypi',
      what: `what the PyTorch reference server imports (${wanted.join(', ')})`,
      from: 'PyPI, through pip, into a virtual environment of its own',
      bytes: installBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
      unavailable: offlineReason(ctx),
      fetch: () => install(ctx),
    },
  ];
}

async function install(ctx: EngineContext): Promise<InstalledEngine> {
  const python = await requirePython(ctx, [3, 10], { needsPip: true });
  await installAtomically(cacheLayout(ctx), installFolder(ctx), async (folder) => {
    const totalBytes = installBytes[`${ctx.platform}-${ctx.arch}`] ?? null;
    const made = await installEnvironment(ctx, python, {
      folder: join(folder, 'venv'),
      requirements: wanted,
      what: 'torch and transformers',
      totalBytes,
    });
    // Proves that it loads here before it is taken.
    const tried = await runCommand(ctx, [made.python, '-c', 'import torch, transformers, gguf'], {
      timeoutMs: 300_000,
    });
    if (tried.code !== 0) {
      throw new BenchError('PREREQ_ENGINE', `does not load here: ${commandFailure(tried)}`);
    }
    const probed = await probeInterpreter(ctx, made.python);
    if (typeof probed === 'string') throw new BenchError('PREREQ_ENGINE', probed);
    return {
      schema: 'inferencebench.install.v1',
      source: 'pypi',
      from: made.packages.join(' '),
      version: versionOf(probed),
      sha256: made.sha256,
      bytes: made.bytes,
      verified: false,
      entry: relative(folder, made.python),
    };
  });
  const installed = await locateInstalled(ctx);
  if (!installed) throw new BenchError('PREREQ_ENGINE', 'the install left nothing behind');
  return installed;
}

const offlineWay = [
  'Without a network: on a machine that has one, of the same platform and Python, run',
  `  python3 -m pip download --only-binary=:all: -d wheels ${wanted.join(' ')}`,
  'copy the folder "wheels" here, and run',
  '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels bench engine install pytorch',
  'or give a Python that has torch, transformers and gguf: --engine-path /path/to/python3',
].join('\n');
