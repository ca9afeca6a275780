import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { atEnginePath } from '../at-engine-path.ts';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { isExecutable } from '../find-executable.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import {
  missingPackages,
  probePackages,
  pythonsInFolder,
  searchPythons,
} from '../python-packages.ts';
import type { Source, SourceOffer } from '../sources.ts';
import { fetchFromFirst } from '../sources.ts';
import { installVenv } from '../venv-install.ts';
import { converterBytes, converterRequirements } from './pins.ts';

const packages = Object.keys(converterRequirements);
const wanted = Object.entries(converterRequirements).map(
  ([name, version]) => `${name}==${version}`,
);
const converterId = 'converter';

/** Of an engine that `bench` installed, else on PATH. */
export async function findConverter(
  ctx: EngineContext,
  first: readonly string[] = [],
): Promise<string | null> {
  const candidates = [...first, ...(await pythonsInCache(ctx))];
  const { found } = await searchPythons(ctx, packages, candidates);
  return found?.executable ?? null;
}

/**
 * A Python that can convert: one that is there, else one that is fetched, after saying so.
 *
 * @param first are looked at before others
 * @throws BenchError `PREREQ_CONVERT` that names each source and why it failed
 */
export async function requireConverter(
  ctx: EngineContext,
  first: readonly string[] = [],
): Promise<string> {
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    converterId,
    () => findConverter(ctx, first),
    () => {
      const sources = sourcesOf(ctx);
      announce(ctx, sources);
      return fetchFromFirst(ctx, 'the model converter', 'PREREQ_CONVERT', sources, offlineWay);
    },
  );
}

/** The one of `--engine-path`. @throws BenchError `PREREQ_ENGINE_PATH` */
export async function converterAt(ctx: EngineContext, enginePath: string): Promise<string> {
  const { path } = await atEnginePath(enginePath, {
    inside: pythonsInFolder,
    what: 'Python',
    hint: `Give a Python that has ${packages.join(' and ')}, or the folder of its virtual environment.`,
    async look(path) {
      const problem = await converterProblem(ctx, path);
      const engine = { engine: converterId, version: '', source: 'engine-path' };
      return problem ?? { ...engine, path, kind: 'binary' };
    },
  });
  return path;
}

/** Said before a byte moves. */
function announce(ctx: EngineContext, sources: readonly SourceOffer[]): void {
  for (const { what, from, bytes, unavailable } of sources) {
    if (unavailable !== null) continue;
    const size = bytes === null ? '' : `, ${(bytes / 1e6).toFixed(0)} MB`;
    const message = `no Python here can convert a model; fetching ${what} from ${from}${size}`;
    ctx.emit({ kind: 'phase', name: 'install', message });
  }
}

async function converterProblem(ctx: EngineContext, path: string): Promise<string | null> {
  const probed = await probePackages(ctx, path, packages);
  return typeof probed === 'string' ? probed : missingPackages(probed);
}

function sourcesOf(ctx: EngineContext): Source<string>[] {
  return [
    {
      id: 'pypi',
      what: `what the model converter imports (${wanted.join(', ')})`,
      from: 'PyPI, through pip, into a virtual environment of its own',
      bytes: converterBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
      unavailable: offlineReason(ctx),
      fetch: () => install(ctx),
    },
  ];
}

async function install(ctx: EngineContext): Promise<string> {
  await installVenv(ctx, {
    target: join(cacheLayout(ctx).engines, converterId, `pypi-${converterRequirements.gguf}`),
    requirements: wanted,
    what: 'the model converter',
    totalBytes: converterBytes[`${ctx.platform}-${ctx.arch}`] ?? null,
    python: [3, 10],
    async prove(python) {
      const problem = await converterProblem(ctx, python);
      if (problem !== null) throw new BenchError('PREREQ_CONVERT', problem);
      return converterRequirements.gguf;
    },
  });
  const python = await findConverter(ctx);
  if (python === null) throw new BenchError('PREREQ_CONVERT', 'the install left nothing behind');
  return python;
}

/** Interpreters of the environments that `bench` made; the converter's own is one of them. */
async function pythonsInCache(ctx: EngineContext): Promise<string[]> {
  const { engines } = cacheLayout(ctx);
  const found: string[] = [];
  for (const engine of await readdir(engines).catch(() => [])) {
    for (const version of await readdir(join(engines, engine)).catch(() => [])) {
      const folder = join(engines, engine, version);
      if ((await readManifest(folder)) === null) continue;
      const python = join(folder, 'venv', 'bin', 'python');
      if (await isExecutable(python)) found.push(python);
    }
  }
  return found.sort();
}

const offlineWay = [
  'Without a network: on a machine that has one, of the same platform and Python, run',
  `  python3 -m pip download --only-binary=:all: -d wheels ${wanted.join(' ')}`,
  'copy the folder "wheels" here, and run the same with',
  '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels',
  'or have a Python with gguf and tokenizers on PATH.',
].join('\n');
