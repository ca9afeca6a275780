import type { LaunchTrace } from './ports.ts';

const known: readonly { id: string; pattern: RegExp }[] = [
  { id: 'vllm', pattern: /\bvllm\b/i },
  { id: 'sglang', pattern: /\bsglang\b/i },
  { id: 'tgi', pattern: /text-generation-(launcher|server|router)/i },
  { id: 'trtllm', pattern: /\b(trtllm|tensorrt_llm|tritonserver)/i },
  { id: 'llama.cpp', pattern: /llama-server|llama[-_.]?cpp|xllamacpp/i },
  { id: 'mlx', pattern: /\bmlx_lm\b/i },
  { id: 'pytorch', pattern: /pytorch-reference|transformers serve/i },
];

/** The engine whose command line was seen; null where none that is known was. */
export function engineSeen(
  traces: readonly LaunchTrace[],
): { id: string; version: string | null } | null {
  const commands = traces.flatMap(({ processes }) => processes.map(({ command }) => command));
  const found = known.find(({ pattern }) => commands.some((command) => pattern.test(command)));
  return found === undefined ? null : { id: found.id, version: null };
}
