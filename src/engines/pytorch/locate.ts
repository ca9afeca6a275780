import { join } from 'node:path';
import { atEnginePath } from '../at-engine-path.ts';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import {
  missingPackages,
  type ProbedPython,
  probePackages,
  pythonsInFolder,
  searchPythons,
} from '../python-packages.ts';
import { requirements } from './pins.ts';

export const engineId = 'pytorch';

const packages = ['torch', 'transformers', 'gguf', 'jinja2'];

/** Looks at `--engine-path`, then PATH, then the cache. */
export async function locatePyTorch(
  ctx: EngineContext,
  options: LocateOptions = {},
): Promise<InstalledEngine | null> {
  if (options.enginePath !== undefined) {
    return atEnginePath(options.enginePath, {
      inside: pythonsInFolder,
      what: 'Python',
      hint: 'Give a Python that has torch, transformers and gguf, or the folder of its virtual environment.',
      look: (path) => engineAt(ctx, path),
    });
  }
  return (await searchPath(ctx)).found ?? locateInstalled(ctx);
}

/** The first Python on PATH that has what the server imports. */
export async function searchPath(
  ctx: EngineContext,
): Promise<{ found: InstalledEngine | null; rejected: string[] }> {
  const { found, rejected } = await searchPythons(ctx, packages);
  return { found: found && engineOf(found, 'path'), rejected };
}

export function installFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `pypi-${requirements.torch}`);
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

function engineOf(probed: ProbedPython, source: string): InstalledEngine {
  const version = versionOf(probed);
  return { engine: engineId, version, source, path: probed.executable, kind: 'binary' };
}

function versionOf({ versions }: ProbedPython): string {
  return `torch ${versions['torch']}, transformers ${versions['transformers']}`;
}
