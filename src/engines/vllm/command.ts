import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';

/** @throws BenchError `USAGE_ENGINE_SLOTS` */
export async function buildCommand(
  installed: InstalledEngine,
  options: StartOptions,
): Promise<(port: number) => string[]> {
  const { slots, contextTokens } = options;
  const perSlot = Math.floor(contextTokens / slots);
  if (slots < 1 || perSlot < 1) {
    throw new BenchError(
      'USAGE_ENGINE_SLOTS',
      `${slots} slots cannot share ${contextTokens} tokens of context.`,
    );
  }
  // vLLM refuses a context that is longer than the model's own.
  const longest = await contextOfFolder(options.modelPath);
  return (port) => [
    ...[installed.path, 'serve', options.modelPath, '--served-model-name', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--max-num-seqs', String(slots)],
    ...['--max-model-len', String(longest === null ? perSlot : Math.min(perSlot, longest))],
    ...options.extraArgs,
  ];
}

async function contextOfFolder(path: string): Promise<number | null> {
  try {
    const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'));
    const longest = config.max_position_embeddings;
    return typeof longest === 'number' ? longest : null;
  } catch {
    return null;
  }
}

/** The CPU build names itself in its version: `0.32.0+cpu`. */
export const isCpuBuild = ({ version }: Pick<InstalledEngine, 'version'>) => /\+cpu/.test(version);

/**
 * On a CPU vLLM takes 4 GiB or more for its KV cache unless told, and every core. What the user has
 * set stays.
 */
export function environmentOf(
  ctx: EngineContext,
  installed: InstalledEngine,
  options: StartOptions,
): Record<string, string> {
  const quiet = { VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1', PYTHONUNBUFFERED: '1' };
  if (!isCpuBuild(installed)) return quiet;
  const { VLLM_CPU_KVCACHE_SPACE: space } = ctx.env;
  return {
    ...quiet,
    ...(space === undefined && { VLLM_CPU_KVCACHE_SPACE: '1' }),
    ...(options.threads !== null && {
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      OMP_NUM_THREADS: String(options.threads),
    }),
  };
}
