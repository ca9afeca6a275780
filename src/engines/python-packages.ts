import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EngineContext } from './context.ts';
import { findExecutables } from './find-executable.ts';
import { commandFailure, runCommand } from './run-command.ts';

/** A Python, and the versions of the packages it was asked for; null = it has none. */
export interface ProbedPython {
  executable: string;
  python: string;
  versions: Readonly<Record<string, string | null>>;
}

export interface PythonPackageSearch {
  found: ProbedPython | null;
  /** `path: why not`, in the order looked at. */
  rejected: string[];
}

const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
/** Of a virtual environment. */
export const pythonsInFolder = ['bin/python3', 'bin/python', 'python3', 'python'];

// Looks at what is installed without importing it: torch takes seconds.
const probe = `import importlib.util, json, sys
from importlib import metadata
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return 'unknown' if importlib.util.find_spec(name.replace('-', '_')) else None
print(json.dumps({"executable": sys.executable, "python": "%d.%d.%d" % sys.version_info[:3],
    **{name: version(name) for name in sys.argv[1:]}}))`;

/** What the interpreter at `path` has, or why it says nothing. */
export async function probePackages(
  ctx: EngineContext,
  path: string,
  packages: readonly string[],
): Promise<ProbedPython | string> {
  const result = await runCommand(ctx, [path, '-c', probe, ...packages], { timeoutMs: 20_000 });
  if (result.code !== 0) return commandFailure(result);
  try {
    const { executable, python, ...versions } = JSON.parse(result.stdout);
    return { executable, python, versions };
  } catch {
    return 'it is no Python';
  }
}

/** `has no torch, no gguf`, or null when it has them all. */
export function missingPackages({ versions }: ProbedPython): string | null {
  const missing = Object.keys(versions).filter((name) => versions[name] === null);
  return missing.length === 0 ? null : `has no ${missing.join(', no ')}`;
}

/** The first Python that has all of the packages: of `others`, then on PATH. */
export async function searchPythons(
  ctx: EngineContext,
  packages: readonly string[],
  others: readonly string[] = [],
): Promise<PythonPackageSearch> {
  const rejected: string[] = [];
  const seen = new Set<string>();
  const onPath = await Promise.all(names.map((name) => findExecutables(ctx, name)));
  for (const path of [...others, ...onPath.flat()]) {
    const file = await fileOf(path);
    if (seen.has(file)) continue;
    seen.add(file);
    const probed = await probePackages(ctx, path, packages);
    if (typeof probed === 'string') {
      rejected.push(`${path}: ${probed}`);
      continue;
    }
    // A stub of pyenv and what it starts are one.
    const real = await fileOf(probed.executable);
    if (real !== file && seen.has(real)) continue;
    seen.add(real);
    const missing = missingPackages(probed);
    if (missing === null) return { found: probed, rejected };
    rejected.push(`${probed.executable}: ${missing}`);
  }
  return { found: null, rejected };
}

/**
 * The same for `python3` and `python3.11` of one folder, also where that has two names, as /bin: a start
 * of a Python costs. Not the same for environments, whose interpreters are links to one file.
 */
async function fileOf(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return `${folder} ${await realpath(path).catch(() => path)}`;
}
