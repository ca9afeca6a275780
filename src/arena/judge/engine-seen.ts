import { findEngine } from '../../engines/index.ts';
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

/** What every launcher has to say: no choice of anybody. */
const contractFlags =
  /^(--model|--model-path|--alias|--served-model-name|--host|--port|--api-key|-m|-a)$/;

/**
 * The settings of a known engine's command line, those left away that the contract asks for and those
 * that are the engine's own defaults: `--threads 2`. Null: no known engine.
 */
export function flagsSeen(command: string): string[] | null {
  const words = command.split(/\s+/);
  const own = engineOf(command);
  if (own === undefined) return null;
  const program = words.findIndex((word) =>
    own.pattern.test(word.slice(word.lastIndexOf('/') + 1)),
  );
  const settings: string[][] = [];
  for (const word of words.slice(program + 1)) {
    if (/^--?[a-z]/i.test(word)) settings.push(word.split('='));
    else settings.at(-1)?.push(word);
  }
  const defaults = new Map(findEngine(own.id).tunables.map((one) => [one.flag, one.default]));
  return settings
    .filter(([flag = '']) => !contractFlags.test(flag))
    .filter(([flag = '', ...value]) => value.join(' ') !== String(defaults.get(flag) ?? null))
    .map((setting) => setting.join(' '));
}

/** Of the first process of a launch that is a known engine; null: none was. */
export function launchFlags(traces: readonly LaunchTrace[]): string[] | null {
  for (const { command } of traces.flatMap(({ processes }) => processes)) {
    const flags = flagsSeen(command);
    if (flags !== null) return flags;
  }
  return null;
}

const engineOf = (command: string) =>
  known.find(({ pattern }) => pattern.test(programsOf(command)));
