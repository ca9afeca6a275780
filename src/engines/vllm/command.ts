import type { EngineContext } from '../context.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';
import { tokensPerSlot } from '../tokens-per-slot.ts';

/** @throws BenchError `USAGE_ENGINE_SLOTS` */
export async function buildCommand(
  installed: InstalledEngine,
  options: StartOptions,
): Promise<(port: number) => string[]> {
  const perSlot = await tokensPerSlot(options);
  return (port) => [
    ...[installed.path, 'serve', options.modelPath, '--served-model-name', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--max-num-seqs', String(options.slots), '--max-model-len', String(perSlot)],
    ...options.extraArgs,
  ];
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
