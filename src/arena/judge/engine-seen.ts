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

/**
 * Program, script and module of a command line, without folders and options: an environment or a
 * model may lie in a folder that has another engine's name.
 */
function programsOf(command: string): string {
  const words = command.split(/\s+/);
  const options = words.findIndex((word) => word.startsWith('--'));
  const leading = options === -1 ? words : words.slice(0, options);
  return leading.map((word) => word.slice(word.lastIndexOf('/') + 1)).join(' ');
}

/** The engine whose command line was seen; null where none that is known was. */
export function engineSeen(
  traces: readonly LaunchTrace[],
): { id: string; version: string | null } | null {
  const commands = traces.flatMap(({ processes }) =>
    processes.map(({ command }) => programsOf(command)),
  );
  const found = known.find(({ pattern }) => commands.some((command) => pattern.test(command)));
  return found === undefined ? null : { id: found.id, version: null };
}
