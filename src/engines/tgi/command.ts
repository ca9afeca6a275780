import type { InstalledEngine, StartOptions } from '../engine.ts';
import { tokensPerSlot } from '../tokens-per-slot.ts';

/**
 * Requests above it are refused with 429, not queued: other engines queue without end, and a load
 * above the slots has to be measured, not turned away.
 */
const refusedAbove = 65_536;

/**
 * `text-generation-launcher`. Flags: docs/source/reference/launcher.md of TGI at db931fcf
 * (3.3.6-dev0). There is no option for the name a model is served under; any is taken.
 *
 * @throws BenchError `USAGE_ENGINE_SLOTS`
 */
export async function buildCommand(
  { path }: InstalledEngine,
  options: StartOptions,
): Promise<(port: number) => string[]> {
  const perSlot = await tokensPerSlot(options);
  return (port) => [
    ...[path, '--model-id', options.modelPath, '--hostname', options.host],
    ...['--port', String(port), '--shard-uds-path', socketPath(port)],
    ...['--max-batch-size', String(options.slots), '--max-total-tokens', String(perSlot)],
    ...['--max-concurrent-requests', String(refusedAbove)],
    ...options.extraArgs,
  ];
}

/**
 * Where router and shards meet, `-RANK` appended. The default is one for the whole machine, and the
 * launcher removes what lies there. Short, since a socket's path has 108 bytes.
 */
export const socketPath = (port: number) => `/tmp/bench-tgi-${port}`;
