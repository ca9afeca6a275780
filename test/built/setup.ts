import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleModules } from '../../tools/bundle-modules.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * Once for each run: the program as it is shipped, bundled from the sources as they are. Processes and
 * threads that tests start begin with it; through tsx each of them would read and compile hundreds of
 * files first, a second of CPU time.
 */
export default async function setup(): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-built-'));
  await bundleModules({ from: join(root, 'src'), ending: '.ts', to: join(dir, 'dist') });
  for (const beside of ['assets', 'scenarios', 'schemas', 'docs', 'node_modules', 'package.json']) {
    symlinkSync(join(root, beside), join(dir, beside));
  }
  process.env['BENCH_TEST_BUILT'] = dir;
  return () => rmSync(dir, { recursive: true, force: true });
}
