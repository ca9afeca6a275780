import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findExecutables, isExecutable } from '../find-executable.ts';
import { interpreterOf } from '../locate-program.ts';
import { runCommand } from '../run-command.ts';

const header = `import os, sysconfig
path = os.path.join(sysconfig.get_path("include"), "Python.h")
if not os.path.exists(path): print(path)`;

/**
 * Why torch cannot compile kernels here; null = it can, or nothing is known. On a CPU vLLM has it do
 * so in C++ when it starts, and ends where that fails.
 */
export async function compilerObstacle(
  ctx: EngineContext,
  installed: Pick<InstalledEngine, 'path'>,
): Promise<string | null> {
  const compiler = ctx.env['CXX'] || 'g++';
  const isThere = compiler.includes('/')
    ? await isExecutable(compiler)
    : (await findExecutables(ctx, compiler)).length > 0;
  if (!isThere) return `there is no C++ compiler (${compiler})`;
  const python = await interpreterOf(installed.path);
  if (python === null) return null;
  const asked = await runCommand(ctx, [python, '-c', header], { timeoutMs: 20_000 });
  return asked.code === 0 && asked.stdout !== '' ? `${asked.stdout.trim()} is missing` : null;
}
