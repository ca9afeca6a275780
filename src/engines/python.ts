import { BenchError } from '../core/index.ts';
import { type EngineContext, throwIfAborted } from './context.ts';
import { findExecutables } from './find-executable.ts';
import { commandFailure, runCommand } from './run-command.ts';

export interface Python {
  /** Path of the interpreter. */
  path: string;
  version: string;
  pipVersion: string | null;
}

export interface PythonSearch {
  found: Python | null;
  /** `path: why not`, in the order looked at. */
  rejected: string[];
}

const names = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.14'];
// Run, not only found: pyenv leaves stubs on PATH that exit with an error.
const probe =
  'import sys\nprint("%d.%d.%d" % sys.version_info[:3])\nprint(sys.executable)\ntry:\n import pip\n print(pip.__version__)\nexcept Exception:\n pass';

interface PythonNeeds {
  needsPip: boolean;
  /** The first version that is too new, `[3, 15]`. */
  below?: readonly [number, number];
}

/**
 * The first Python on PATH of at least `minimum`, with a working pip when `needsPip`.
 * @param minimum major and minor version, `[3, 10]`.
 */
export async function findPython(
  ctx: EngineContext,
  minimum: readonly [number, number],
  options: PythonNeeds,
): Promise<PythonSearch> {
  const rejected: string[] = [];
  for (const name of names) {
    for (const path of await findExecutables(ctx, name)) {
      const result = await runCommand(ctx, [path, '-c', probe], { timeoutMs: 20_000 });
      const [version = '', executable, pipVersion = null] = result.stdout.trim().split('\n');
      const reason =
        result.code !== 0
          ? commandFailure(result)
          : !isAtLeast(version, minimum) || (options.below && isAtLeast(version, options.below))
            ? `is ${version}`
            : options.needsPip && pipVersion === null
              ? 'has no pip'
              : null;
      if (reason === null) {
        // Past pyenv's stub, which costs 100 ms at each start.
        return { found: { path: executable || path, version, pipVersion }, rejected };
      }
      rejected.push(`${path}: ${reason}`);
    }
  }
  return { found: null, rejected };
}

/** @throws BenchError `PREREQ_PYTHON`. */
export async function requirePython(
  ctx: EngineContext,
  minimum: readonly [number, number],
  options: PythonNeeds,
): Promise<Python> {
  const { found, rejected } = await findPython(ctx, minimum, options);
  if (found) return found;
  throwIfAborted(ctx);
  const below = options.below ? ` and < ${options.below.join('.')}` : '';
  const wanted = `Python >= ${minimum.join('.')}${below}${options.needsPip ? ' with pip' : ''}`;
  const seen = rejected.length > 0 ? ` (${rejected.join('; ')})` : '';
  throw new BenchError('PREREQ_PYTHON', `No ${wanted} on PATH${seen}.`, {
    hint: 'Install it, for example: apt-get install python3 python3-pip, or brew install python.',
  });
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
