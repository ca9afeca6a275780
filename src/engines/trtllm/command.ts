import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { InstalledEngine, StartOptions } from '../engine.ts';
import { tokensPerSlot } from '../tokens-per-slot.ts';

/** Of TensorRT-LLM: BuildConfig.max_num_tokens. */
const defaultBatchTokens = 8192;

/** Without the first there is no Prometheus page, without the second none of its gauges. */
const llmApiOptions = `# Written by bench, for what /prometheus/metrics tells.
return_perf_metrics: true
enable_iter_perf_stats: true
`;

/**
 * `trtllm-serve MODEL`. Flags: tensorrt_llm/commands/serve.py at 00209af1 (1.2). A file beside the
 * log switches the metrics on; an --extra_llm_api_options of the user's takes its place.
 *
 * @throws BenchError `USAGE_ENGINE_SLOTS`
 */
export async function buildCommand(
  { path, version }: InstalledEngine,
  options: StartOptions,
): Promise<(port: number) => string[]> {
  const perSlot = await tokensPerSlot(options);
  const folder = dirname(options.logPath);
  const file = join(folder, 'trtllm-options.yaml');
  await mkdir(folder, { recursive: true });
  await writeFile(file, llmApiOptions);
  // A prompt has to fit into one batch of tokens: llmapi/llm.py refuses a longer one.
  const batchTokens = Math.max(defaultBatchTokens, perSlot);
  return (port) => [
    ...[path, options.modelPath, '--host', options.host, '--port', String(port)],
    ...['--max_batch_size', String(options.slots), '--max_seq_len', String(perSlot)],
    ...['--max_num_tokens', String(batchTokens), '--extra_llm_api_options', file],
    ...(takesName(version) ? ['--served_model_name', options.modelName] : []),
    ...options.extraArgs,
  ];
}

/**
 * Pull request 11711 of February 2026, hence 1.3.0rc7 to be sure; releases before take whatever
 * name a request gives.
 */
export function takesName(version: string): boolean {
  const [, major = '0', minor = '0', candidate] =
    /^(\d+)\.(\d+)\.\d+(?:\.?rc(\d+))?/.exec(version) ?? [];
  const release = Number(major) * 1000 + Number(minor);
  return release > 1003 || (release === 1003 && Number(candidate ?? 99) >= 7);
}
