import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheLayout } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';
import { sharedMemoryFolder } from '../own-shared-memory.ts';
import { tokensPerSlot } from '../tokens-per-slot.ts';

/**
 * @param eager without compiled kernels
 * @throws BenchError `USAGE_ENGINE_SLOTS`
 */
export async function buildCommand(
  installed: InstalledEngine,
  options: StartOptions,
  { eager }: { eager: boolean },
): Promise<(port: number) => string[]> {
  const perSlot = await tokensPerSlot(options);
  return (port) => [
    ...[installed.path, 'serve', options.modelPath, '--served-model-name', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--max-num-seqs', String(options.slots), '--max-model-len', String(perSlot)],
    ...(eager ? ['--enforce-eager'] : []),
    ...options.extraArgs,
  ];
}

/** The CPU build names itself in its version: `0.32.0+cpu`. */
export const isCpuBuild = ({ version }: Pick<InstalledEngine, 'version'>) => /\+cpu/.test(version);

/**
 * What is set for vLLM. On a CPU it takes a large share of the memory for its KV cache unless told,
 * and every core. What the user has set stays, but for the key that would lock us out.
 */
export function environmentOf(
  ctx: EngineContext,
  installed: InstalledEngine,
  options: StartOptions,
  { ownsSharedMemory }: { ownsSharedMemory: boolean },
): Record<string, string> {
  const { VLLM_HTTP_TIMEOUT_KEEP_ALIVE: keepAlive, TORCHINDUCTOR_CACHE_DIR: kernels } = ctx.env;
  const always = {
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
    PYTHONUNBUFFERED: '1',
    // It closes connections after 5 s without a request, also those that one is just sent on.
    ...(keepAlive === undefined && { VLLM_HTTP_TIMEOUT_KEEP_ALIVE: '600' }),
    // Its sockets and what else it leaves go with the memory; kernels are worth keeping.
    ...(ownsSharedMemory && {
      TMPDIR: sharedMemoryFolder,
      TORCHINDUCTOR_CACHE_DIR: kernels ?? join(cacheLayout(ctx).root, 'torchinductor'),
    }),
    ...(existsSync(options.modelPath) && { HF_HUB_OFFLINE: '1' }),
    ...(ctx.env['VLLM_API_KEY'] !== undefined && { VLLM_API_KEY: '' }),
  };
  if (!isCpuBuild(installed)) return always;
  const { VLLM_CPU_KVCACHE_SPACE: space, VLLM_HOST_IP: address } = ctx.env;
  return {
    ...always,
    ...(space === undefined && { VLLM_CPU_KVCACHE_SPACE: '1' }),
    // Its processes talk to each other; that is nobody else's.
    ...(address === undefined && { VLLM_HOST_IP: '127.0.0.1' }),
    ...(options.threads !== null && {
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      OMP_NUM_THREADS: String(options.threads),
    }),
  };
}
