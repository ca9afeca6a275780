import { join } from 'node:path';
import { atEnginePath } from '../at-engine-path.ts';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import { findExecutables } from '../find-executable.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import { requirements } from './pins.ts';

export const engineId = 'pytorch';

const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

// Looks at what is installed without importing it: torch takes seconds.
const probe = `import importlib.util, json, sys
from importlib import metadata
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return 'unknown' if importlib.util.find_spec(name) else None
print(json.dumps({"executable": sys.executable, "python": "%d.%d.%d" % sys.version_info[:3],
    **{name: version(name) for name in ("torch", "transformers", "gguf", "jinja2")}}))`;

interface Probed {
  executable: string;
  python: string;
  torch: string | null;
  transformers: string | null;
  gguf: string | null;
  jinja2: string | null;
}

export interface InterpreterSearch {
  found: InstalledEngine | null;
  /** `path: why not`, in the order looked at. */
  rejected: string[];
}

/** Looks at `--engine-path`, then PATH, then the cache. */
export async function locatePyTorch(
  ctx: EngineContext,
  options: LocateOptions = {},
): Promise<InstalledEngine | null> {
  if (options.enginePath !== undefined) {
    return atEnginePath(options.enginePath, {
      inside: inFolder,
      what: 'Python',
      hint: 'Give a Python that has torch, transformers and gguf, or the folder of its virtual environment.',
      look: (path) => engineAt(ctx, path),
    });
  }
  return (await searchPath(ctx)).found ?? locateInstalled(ctx);
}

/** The first Python on PATH that has what the server imports. */
export async function searchPath(ctx: EngineContext): Promise<InterpreterSearch> {
  const rejected: string[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    for (const path of await findExecutables(ctx, name)) {
      const probed = await probeInterpreter(ctx, path);
      if (typeof probed === 'string') {
        rejected.push(`${path}: ${probed}`);
        continue;
      }
      // `python3`, `python3.11` and a stub of pyenv are often one.
      if (seen.has(probed.executable)) continue;
      seen.add(probed.executable);
      const missing = missingIn(probed);
      if (missing === null) return { found: engineOf(probed, 'path'), rejected };
      rejected.push(`${probed.executable}: ${missing}`);
    }
  }
  return { found: null, rejected };
}

export function installFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `pypi-${requirements.torch}`);
}

export async function locateInstalled(ctx: EngineContext): Promise<InstalledEngine | null> {
  const folder = installFolder(ctx);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  const path = join(folder, manifest.entry);
  return { engine: engineId, version: manifest.version, source: 'pypi', path, kind: 'binary' };
}

const inFolder = ['bin/python3', 'bin/python', 'python3', 'python'];

async function engineAt(ctx: EngineContext, path: string): Promise<InstalledEngine | string> {
  const probed = await probeInterpreter(ctx, path);
  if (typeof probed === 'string') return probed;
  return missingIn(probed) ?? engineOf(probed, 'engine-path');
}

/** What that interpreter has, or why it says nothing. */
export async function probeInterpreter(ctx: EngineContext, path: string): Promise<Probed | string> {
  const result = await runCommand(ctx, [path, '-c', probe], { timeoutMs: 20_000 });
  if (result.code !== 0) return commandFailure(result);
  try {
    return JSON.parse(result.stdout) as Probed;
  } catch {
    return 'it is no Python';
  }
}

function missingIn(probed: Probed): string | null {
  const modules = ['torch', 'transformers', 'gguf', 'jinja2'] as const;
  const missing = modules.filter((name) => probed[name] === null);
  return missing.length === 0 ? null : `has no ${missing.join(', no ')}`;
}

function engineOf(probed: Probed, source: string): InstalledEngine {
  const version = versionOf(probed);
  return { engine: engineId, version, source, path: probed.executable, kind: 'binary' };
}

export function versionOf({ torch, transformers }: Pick<Probed, 'torch' | 'transformers'>): string {
  return `torch ${torch}, transformers ${transformers}`;
}
