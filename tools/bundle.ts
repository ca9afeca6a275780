/**
 * Puts the compiled modules of dist/ together, see bundle-modules.ts. Entry points and type
 * declarations keep their places; a plugin that imports the package gets the very modules that the
 * command line uses. Run by `npm run build`, after tsc.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleModules } from './bundle-modules.ts';

const dist = resolve(import.meta.dirname, '..', 'dist');

await bundleModules({
  from: dist,
  ending: '.js',
  to: dist,
  clear() {
    for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.js')) rmSync(join(dist, path));
    }
  },
});
