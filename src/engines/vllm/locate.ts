import { join } from 'node:path';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import { locateProgram, rejectedPrograms } from '../locate-program.ts';
import { vllmWheel } from './pins.ts';

export const engineId = 'vllm';

const search = {
  engine: engineId,
  program: 'vllm',
  package: 'vllm',
  orPython: false,
  hint: 'Give the `vllm` program, or the folder of the environment that holds it.',
};

/** Looks at `--engine-path`, then PATH, then the cache. */
export const locateVllm = async (ctx: EngineContext, options?: LocateOptions) =>
  (await locateProgram(ctx, search, options)) ?? locateInstalled(ctx);

export const rejectedVllm = (ctx: EngineContext) => rejectedPrograms(ctx, search);

export function installFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `pypi-cpu-${vllmWheel.version}`);
}

export async function locateInstalled(ctx: EngineContext): Promise<InstalledEngine | null> {
  const folder = installFolder(ctx);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  const path = join(folder, manifest.entry);
  return { engine: engineId, version: manifest.version, source: 'pypi', path, kind: 'binary' };
}
