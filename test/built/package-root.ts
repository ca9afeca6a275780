import { env } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Stands in for src/core/package-root.ts: what is started comes from what setup.ts built. */
export { packageFile } from '../../src/core/package-root.ts';

/** Of the programs and threads that are started. */
export const runsFromSource = false;

export function entryPoint(name: string): URL {
  const built = env['BENCH_TEST_BUILT'];
  if (built === undefined) throw new Error('nothing is built: run it by vitest, with its project');
  return pathToFileURL(`${built}/dist/${name}.js`);
}

export const nodeProgram = (name: string): string[] => [fileURLToPath(entryPoint(name))];
