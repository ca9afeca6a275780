import { BenchError } from '../../core/index.ts';
import { cacheLayout } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import { installVenv } from '../venv-install.ts';
import { engineAt, engineId, installFolder, locateInstalled, locatePyTorch } from './locate.ts';
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
  await installVenv(ctx, {
    target: installFolder(ctx),
    requirements: wanted,
    what: 'torch and transformers',
    totalBytes: installBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
    python: [3, 10],
    async prove(python) {
      const imports = [python, '-c', 'import torch, transformers, gguf'];
      const tried = await runCommand(ctx, imports, { timeoutMs: 300_000 });
      if (tried.code !== 0) {
        throw new BenchError('PREREQ_ENGINE', `does not load here: ${commandFailure(tried)}`);
      }
      const found = await engineAt(ctx, python);
      if (typeof found === 'string') throw new BenchError('PREREQ_ENGINE', found);
      return found.version;
    },
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
