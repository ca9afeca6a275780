import { BenchError, packageFile } from '../../core/index.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';
import { requirePython } from '../python.ts';
import { runCommand } from '../run-command.ts';

const launcher = packageFile('assets/llama-cpp-launcher.py');

export interface ServerCommand {
  command(port: number): string[];
  env: Record<string, string>;
  /** Settings that the server itself does not tell. */
  settings: Record<string, unknown>;
}

/**
 * The command line of the server. The host-memory prompt cache is off: every prompt of a
 * measurement is unique, so it would only copy KV state about.
 */
export async function buildCommand(
  ctx: EngineContext,
  installed: InstalledEngine,
  options: StartOptions,
  threads: number,
): Promise<ServerCommand> {
  if (options.slots < 1 || options.contextTokens < options.slots) {
    throw new BenchError(
      'USAGE_ENGINE_SLOTS',
      `${options.slots} slots cannot share ${options.contextTokens} tokens of context.`,
    );
  }
  const shared = (port: number): string[] => [
    ...['--model', options.modelPath, '--alias', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--parallel', String(options.slots), '--ctx-size', String(options.contextTokens)],
    ...['--threads', String(threads)],
  ];
  if (installed.kind === 'binary') {
    const optional = optionalFlags(await helpText(ctx, installed.path));
    return {
      command: (port) => [installed.path, ...shared(port), ...optional, ...options.extraArgs],
      env: {},
      settings: { threads, ...(optional.includes('--cache-ram') ? { cache_ram_mib: 0 } : {}) },
    };
  }
  const python = await requirePython(ctx, [3, 10], { needsPip: false });
  return {
    command: (port) => [
      ...[python.path, '-s', launcher],
      ...shared(port),
      ...['--set', 'cache_ram_mib=0', '--exit-on-eof'],
      ...options.extraArgs,
    ],
    env: { PYTHONPATH: installed.path, PYTHONUNBUFFERED: '1' },
    settings: { threads, cache_ram_mib: 0 },
  };
}

/** Builds of the last years differ in their flags: only what this one lists is passed. */
function optionalFlags(help: string): string[] {
  const has = (flag: string) => new RegExp(`(^|[\\s,])${flag}([\\s,=]|$)`, 'm').test(help);
  return [
    ...(has('--metrics') ? ['--metrics'] : []),
    ...(has('--slots') ? ['--slots'] : []),
    ...(has('--cache-ram') ? ['--cache-ram', '0'] : []),
    ...(has('--no-ui') ? ['--no-ui'] : has('--no-webui') ? ['--no-webui'] : []),
  ];
}

async function helpText(ctx: EngineContext, path: string): Promise<string> {
  const result = await runCommand(ctx, [path, '--help'], { timeoutMs: 20_000 });
  return result.stdout + result.stderr;
}
