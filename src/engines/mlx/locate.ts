import { join } from 'node:path';
import { atEnginePath } from '../at-engine-path.ts';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import { findExecutables } from '../find-executable.ts';
import { interpreterOf } from '../locate-program.ts';
import {
  missingPackages,
  type ProbedPython,
  probePackages,
  pythonsInFolder,
  searchPythons,
} from '../python-packages.ts';
import { pinnedVersion } from './pins.ts';

export const engineId = 'mlx';

const program = 'mlx_lm.server';
const packages = ['mlx', 'mlx-lm'];

/**
 * Looks at `--engine-path`, then PATH, then the cache. What is found is always the Python that has
 * mlx-lm: `mlx_lm.server` is a script that names it.
 */
export async function locateMlx(
  ctx: EngineContext,
  options: LocateOptions = {},
): Promise<InstalledEngine | null> {
  if (options.enginePath !== undefined) {
    return atEnginePath(options.enginePath, {
      inside: pythonsInFolder,
      what: 'Python',
      hint: `Give ${program}, or a Python that has mlx and mlx-lm, or the folder of its virtual environment.`,
      look: async (path) => engineAt(ctx, (await interpreterOf(path)) ?? path),
    });
  }
  return (await searchPath(ctx)).found ?? locateInstalled(ctx);
}

/** The first Python on PATH that has mlx-lm, those of `mlx_lm.server` on PATH before the others. */
export async function searchPath(
  ctx: EngineContext,
): Promise<{ found: InstalledEngine | null; rejected: string[] }> {
  const scripts = await findExecutables(ctx, program);
  const interpreters = await Promise.all(scripts.map((path) => interpreterOf(path)));
  const named = interpreters.filter((path) => path !== null);
  const { found, rejected } = await searchPythons(ctx, packages, named);
  return { found: found && engineOf(found, 'path'), rejected };
}

export function installFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `pypi-${pinnedVersion}`);
}

export async function locateInstalled(ctx: EngineContext): Promise<InstalledEngine | null> {
  const folder = installFolder(ctx);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  const path = join(folder, manifest.entry);
  return { engine: engineId, version: manifest.version, source: 'pypi', path, kind: 'binary' };
}

/** The engine of that interpreter, or why it is none. */
export async function engineAt(
  ctx: EngineContext,
  path: string,
): Promise<InstalledEngine | string> {
  const probed = await probePackages(ctx, path, packages);
  if (typeof probed === 'string') return probed;
  return missingPackages(probed) ?? engineOf(probed, 'engine-path');
}

function engineOf({ executable, versions }: ProbedPython, source: string): InstalledEngine {
  const version = `mlx-lm ${versions['mlx-lm']}, mlx ${versions['mlx']}`;
  return { engine: engineId, version, source, path: executable, kind: 'binary' };
}
