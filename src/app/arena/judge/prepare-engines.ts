import { dirname } from 'node:path';
import { type EnginesFolder, makeEnginesFolder, type OfferedEngine } from '../../../arena/index.ts';
import { packageFile } from '../../../core/index.ts';
import {
  type EngineContext,
  findEngine,
  type InstalledEngine,
  requirePython,
} from '../../../engines/index.ts';
import type { Sandbox } from '../../../sandbox/index.ts';

/** `BENCH_ENGINES`: the engines that are on this machine, each as a program. */
export async function prepareEngines(
  ctx: EngineContext,
  sandbox: Sandbox,
  folder: string,
): Promise<EnginesFolder | null> {
  const installed = await findEngine('llama.cpp').locate(ctx);
  if (installed === null) return null;
  const python = await requirePython(ctx, [3, 10], { needsPip: false });
  return makeEnginesFolder(folder, {
    python: python.path,
    engines: [llamaCppOffer(installed, python.path)],
    placeOf: (mount) => sandbox.placeOf(mount),
  });
}

/** The executable, or the wheel behind our launcher. */
export function llamaCppOffer(installed: InstalledEngine, python: string): OfferedEngine {
  const common = {
    id: 'llama.cpp',
    version: installed.version,
    usage:
      '--model FILE --alias NAME --host HOST --port PORT --ctx-size N --threads N --parallel N --batch-size N --ubatch-size N --flash-attn on|off|auto --cache-type-k TYPE',
  };
  if (installed.kind === 'binary') {
    const folder = dirname(installed.path);
    const server = `"$HERE${installed.path.slice(folder.length)}"`;
    return { ...common, folder, server, files: {} };
  }
  const files = { 'llama-cpp-launcher.py': packageFile('assets/llama-cpp-launcher.py') };
  const server = `env PYTHONPATH="$HERE" "${python}" -s "$BIN/llama-cpp-launcher.py"`;
  return { ...common, folder: installed.path, server, files };
}
