import { mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { cacheLayout } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';
import { engineId } from './locate.ts';

/** More prompts than that are not prefilled at once, as by the server's own default. */
const promptsAtOnce = 8;

/**
 * What a request has to name. `mlx_lm.server` cannot be told a name: it takes the path or the hub id
 * that it was started with, and on any other name loads a model of that name in the place of the one
 * it has. A folder is listed under its real path.
 */
export async function requestedModel(modelPath: string): Promise<string> {
  return (await isFolder(modelPath)) ? realpath(modelPath) : modelPath;
}

/** @throws BenchError `USAGE_ENGINE_SLOTS` */
export function buildCommand(
  installed: InstalledEngine,
  options: StartOptions,
  model: string,
): (port: number) => string[] {
  const { slots } = options;
  if (slots < 1) {
    throw new BenchError('USAGE_ENGINE_SLOTS', `--slots ${slots}: MLX needs at least one.`);
  }
  return (port) => [
    ...[installed.path, '-m', 'mlx_lm', 'server', '--model', model],
    ...['--host', options.host, '--port', String(port)],
    ...['--decode-concurrency', String(slots)],
    ...['--prompt-concurrency', String(Math.min(promptsAtOnce, slots))],
    ...options.extraArgs,
  ];
}

/** That nothing is asked of a hub for a folder; what the user has set stays for a hub's id. */
export async function environmentOf(
  ctx: EngineContext,
  options: StartOptions,
): Promise<Record<string, string>> {
  const { modelPath } = options;
  const quiet = {
    HF_HUB_DISABLE_TELEMETRY: '1',
    TOKENIZERS_PARALLELISM: 'false',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  if (!(await isFolder(modelPath))) return quiet;
  // Its /v1/models fails where the hub's cache folder is not there.
  const hub = join(cacheLayout(ctx).engines, engineId, 'empty-hub');
  await mkdir(hub, { recursive: true });
  return { ...quiet, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', HF_HUB_CACHE: hub };
}

const isFolder = async (path: string) =>
  (await stat(path).catch(() => null))?.isDirectory() === true;
