import { BenchError } from '../../core/index.ts';
import { cacheLayout } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import { installVenv } from '../venv-install.ts';
import { engineAt, engineId, installFolder, locateInstalled, locateMlx } from './locate.ts';
import { installBytes, requirementsFor } from './pins.ts';

export function installMlx(ctx: EngineContext): Promise<InstalledEngine> {
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    engineId,
    () => locateMlx(ctx),
    () => fetchFromFirst(ctx, 'MLX', 'PREREQ_ENGINE', mlxSources(ctx), offlineWay(ctx)),
  );
}

export function mlxSources(ctx: EngineContext): Source<InstalledEngine>[] {
  return [
    {
      id: 'pypi',
      what: `MLX (${requirementsFor(ctx).join(', ')})`,
      from: 'PyPI, through pip, into a virtual environment of its own',
      bytes: installBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
      unavailable: offlineReason(ctx) ?? platformReason(ctx),
      fetch: () => install(ctx),
    },
  ];
}

function platformReason({ platform, arch }: EngineContext): string | null {
  if (platform === 'darwin' && arch !== 'arm64') return 'MLX needs Apple silicon on a Mac';
  return platform === 'darwin' || platform === 'linux' ? null : `no wheel of MLX for ${platform}`;
}

async function install(ctx: EngineContext): Promise<InstalledEngine> {
  await installVenv(ctx, {
    target: installFolder(ctx),
    requirements: requirementsFor(ctx),
    what: 'MLX',
    totalBytes: installBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
    python: [3, 11],
    async prove(python) {
      const tried = await runCommand(ctx, [python, '-c', importProbe], { timeoutMs: 300_000 });
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

/** Imports what the server imports, and asks what MLX computes on. */
export const importProbe = `import json
import mlx.core as mx
import mlx_lm.server
print(json.dumps({"device": str(mx.default_device()), "architecture": mx.device_info().get("architecture")}))`;

const offlineWay = (ctx: EngineContext) => {
  const wanted = requirementsFor(ctx).map((requirement) => `'${requirement}'`);
  return [
    'Without a network: on a machine that has one, of the same platform and Python, run',
    `  python3 -m pip download --only-binary=:all: -d wheels ${wanted.join(' ')}`,
    'copy the folder "wheels" here, and run',
    '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels bench engine install mlx',
    'or give a Python that has mlx and mlx-lm: --engine-path /path/to/environment',
  ].join('\n');
};
