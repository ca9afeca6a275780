import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Programs, threads and what the package exports: each keeps its place. */
const entries = [
  'cli/bin',
  'public/index',
  'public/testing',
  'loadgen/load-worker',
  'engines/supervisor-main',
  'app/arena/client/client-main',
  'sim/sim-main',
];

/**
 * Puts modules together: a handful of files in place of hundreds, which Node would have to find, read
 * and link one by one at every start. What several entry points share is in `chunks/`, once.
 * Dependencies stay outside.
 * @param clear called when all is read and nothing is written yet: `to` may be `from`
 */
export async function bundleModules(options: {
  from: string;
  ending: '.ts' | '.js';
  to: string;
  clear?: () => void;
}): Promise<void> {
  const { from, ending, to } = options;
  const { outputFiles } = await build({
    absWorkingDir: from,
    entryPoints: entries.map((entry) => join(from, `${entry}${ending}`)),
    outdir: to,
    outbase: from,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    write: false,
    logLevel: 'warning',
  });
  options.clear?.();
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
}
