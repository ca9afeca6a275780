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
    const probed = await probePackages(ctx, path, packages);
    if (typeof probed === 'string') {
      rejected.push(`${path}: ${probed}`);
      continue;
    }
    // `python3`, `python3.11` and a stub of pyenv are often one.
    if (seen.has(probed.executable)) continue;
    seen.add(probed.executable);
    const missing = missingPackages(probed);
    if (missing === null) return { found: probed, rejected };
    rejected.push(`${probed.executable}: ${missing}`);
  }
  return { found: null, rejected };
}
