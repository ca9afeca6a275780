import type { InstalledEngine, StartOptions } from '../engine.ts';
import { isPython } from '../locate-program.ts';
import { tokensPerSlot } from '../tokens-per-slot.ts';

/**
 * `sglang serve` where there is the program (since late 2025); `python -m sglang.launch_server`,
 * which takes the same options, works in every release. Flags: python/sglang/srt/server_args.py at
 * 001067ff (2026).
 *
 * @throws BenchError `USAGE_ENGINE_SLOTS`
 */
export async function buildCommand(
  { path }: InstalledEngine,
  options: StartOptions,
): Promise<(port: number) => string[]> {
  // SGLang refuses a context that is longer than the model's own.
  const perSlot = await tokensPerSlot(options);
  return (port) => [
    ...(isPython(path) ? [path, '-m', 'sglang.launch_server'] : [path, 'serve']),
    ...['--model-path', options.modelPath, '--served-model-name', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--max-running-requests', String(options.slots), '--context-length', String(perSlot)],
    '--enable-metrics',
    ...options.extraArgs,
  ];
}
