/**
 * Puts the compiled modules of dist/ together: a handful of files in place of hundreds, which Node
 * would have to find, read and link one by one at every start. Entry points and type declarations
 * keep their places; what several entry points share is in dist/chunks/, once, so that a plugin
 * that imports the package gets the very modules that the command line uses. Dependencies stay
 * outside. Run by `npm run build`, after tsc.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const dist = resolve(import.meta.dirname, '..', 'dist');
const entries = [
  'cli/bin',
  'public/index',
  'public/testing',
  'loadgen/load-worker',
  'engines/supervisor-main',
  'app/arena/client/client-main',
  'sim/sim-main',
];

const { outputFiles } = await build({
  absWorkingDir: dist,
  entryPoints: entries.map((entry) => join(dist, `${entry}.js`)),
  outdir: dist,
  outbase: dist,
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
for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.js')) rmSync(join(dist, path));
}
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
