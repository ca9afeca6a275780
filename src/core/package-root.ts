import { fileURLToPath } from 'node:url';

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
