/**
 * Packs the built package, installs the tarball where nothing of the checkout is in reach, with
 * production dependencies only, and runs it. Needs `npm run build` first.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { name, version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dir = mkdtempSync(join(tmpdir(), 'bench-package-'));
try {
  check();
  console.log('The package installs and runs.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

function check(): void {
  if (!existsSync(join(root, 'dist/cli/bin.js')))
    throw new Error('dist/ is missing: npm run build');
  const packed = run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', dir);
  // One entry: in a list, or under the package's name in newer npm.
  const [entry] = Object.values(JSON.parse(packed)) as Packed[];
  if (!entry) throw new Error('npm pack names no file');
  const { filename, files, size } = entry;
  const paths = files.map(({ path }) => path);
  console.log(`${filename}: ${paths.length} files, ${(size / 1024).toFixed(0)} kB`);
  for (const needed of ['README.md', 'LICENSE', 'dist/cli/bin.js', 'dist/public/index.d.ts']) {
    if (!paths.includes(needed)) throw new Error(`${needed} is not in the package`);
  }
  const stray = paths.filter((path) =>
    /\.test\.|^(src|test|tools)\/|test-support|\.fixture\.|\.map$/.test(path),
  );
  if (stray.length > 0) throw new Error(`does not belong in the package: ${stray.join(', ')}`);

  const tarball = join(dir, filename);
  run(root, join(root, 'node_modules/.bin/publint'), 'run', tarball, '--strict');

  const place = join(dir, 'elsewhere');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"private":true,"type":"module"}');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  run(place, 'npm', 'install', '--omit=dev', ...quiet, tarball);
  for (const bin of ['bench', 'inferencebench']) {
    const program = join(place, 'node_modules/.bin', bin);
    const told = run(place, program, '--version').trim();
    if (told !== version) throw new Error(`${bin} --version says "${told}", not ${version}`);
    if (!run(place, program, '--help').includes('run')) throw new Error(`${bin} --help is empty`);
    // Data beside the code: scenarios and their rules.
    if (!run(place, program, 'arena', 'scenario', 'list').includes('decode')) {
      throw new Error(`${bin} does not find its scenarios`);
    }
  }
  // A subpath with a star names files, not a module.
  const doors = Object.keys(exports).filter((door) => !/\*|package\.json/.test(door));
  for (const door of doors) {
    const specifier = door.replace('.', name);
    run(place, process.execPath, '-e', `await import('${specifier}')`, '--input-type=module');
  }
  usePlugin(join(place, 'plugin'));
}

/** A package of somebody else's beside the installed one: runs, type-checks and passes the suites. */
function usePlugin(place: string): void {
  cpSync(join(root, 'test/plugin-package'), place, { recursive: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  run(place, process.execPath, 'read-result.mjs');
  run(place, process.execPath, tsc, '-p', '.', '--typeRoots', join(root, 'node_modules/@types'));
  run(place, process.execPath, 'built/suites.js');
}

/** stdout; an error that holds all the program said when it fails. */
function run(cwd: string, program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error });
  }
}
