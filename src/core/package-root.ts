import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Folder of the installed package, or of the checkout, as a file URL with a slash at its end. Files
 * are found from here and not from the module at hand: the build puts modules together.
 */
const packageRoot = new URL(/^.*\/(?=(?:src|dist)\/)/.exec(import.meta.url)?.[0] ?? '');

/** Path of a file or folder that comes with the package: `assets/prices.json`. */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(name, packageRoot));
}

/** A checkout runs TypeScript; the published package is plain JavaScript. */
export const runsFromSource = import.meta.url.endsWith('.ts');

/**
 * A program or thread of its own, by its place under src/ without the ending: `sim/sim-main`.
 */
export function entryPoint(name: string): URL {
  return new URL(runsFromSource ? `src/${name}.ts` : `dist/${name}.js`, packageRoot);
}

/**
 * Arguments of node that run such a program. Compiled it is plain JavaScript; in the source tree it
 * needs tsx, a development dependency.
 */
export function nodeProgram(name: string): string[] {
  const entry = fileURLToPath(entryPoint(name));
  if (!runsFromSource) return [entry];
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', tsx, entry];
}
