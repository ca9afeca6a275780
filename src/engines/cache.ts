import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BenchError, messageOf } from '../core/index.ts';
import type { EngineContext } from './context.ts';

/**
 * Where things are kept:
 *
 *     <root>/engines/<engine>/<source>-<version>/   an installed engine + manifest.json
 *     <root>/models/<model>/                        a model file + manifest.json
 *     <root>/datasets/<dataset>/                    a file with prompts + manifest.json
 *     <root>/downloads/                             unfinished downloads, kept for resuming
 *     <root>/tmp/                                   installs in progress; may be deleted at rest
 *     <root>/locks/                                 one file per install in progress
 *     <root>/run/                                   registry and logs of `engine start`
 *     <root>/torchinductor/                         what torch compiled for vLLM on a CPU
 */
export interface CacheLayout {
  root: string;
  engines: string;
  models: string;
  datasets: string;
  downloads: string;
  tmp: string;
  locks: string;
  run: string;
}

/** `$BENCH_CACHE_DIR`, else `$XDG_CACHE_HOME/inferencebench`, else `~/.cache/inferencebench`. */
export function cacheLayout(ctx: Pick<EngineContext, 'env' | 'home'>): CacheLayout {
  const { BENCH_CACHE_DIR, XDG_CACHE_HOME } = ctx.env;
  const root =
    BENCH_CACHE_DIR || join(XDG_CACHE_HOME || join(ctx.home, '.cache'), 'inferencebench');
  return {
    root,
    engines: join(root, 'engines'),
    models: join(root, 'models'),
    datasets: join(root, 'datasets'),
    downloads: join(root, 'downloads'),
    tmp: join(root, 'tmp'),
    locks: join(root, 'locks'),
    run: join(root, 'run'),
  };
}

/** Says where an installed folder came from; its presence means that the install is complete. */
export interface InstallManifest {
  schema: 'inferencebench.install.v1';
  /** `github-release`, `pypi`, `hugging-face`. */
  source: string;
  /** What was fetched: a URL or `package==version`. */
  from: string;
  version: string;
  /** SHA-256 of the file that was fetched (archive, wheel or model file). */
  sha256: string;
  /** Size of the file that was fetched. */
  bytes: number;
  /** True: compared with a digest pinned in this program; false: only recorded. */
  verified: boolean;
  /** The main file, relative to the folder. */
  entry: string;
}

const manifestName = 'manifest.json';

/** The manifest of a complete install, or null. */
export async function readManifest(folder: string): Promise<InstallManifest | null> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
    return manifest.schema === 'inferencebench.install.v1' ? manifest : null;
  } catch {
    return null;
  }
}

/**
 * Fills a temporary folder and renames it into place, so that `target` is whole or absent.
 * Call it while holding the lock of that target.
 */
export async function installAtomically(
  cache: CacheLayout,
  target: string,
  fill: (folder: string) => Promise<InstallManifest>,
): Promise<InstallManifest> {
  const prefix = `${basename(dirname(target))}-${basename(target)}-`;
  await makeFolder(cache.tmp);
  await makeFolder(dirname(target));
  await removeLeftovers(cache.tmp, prefix);
  const temporary = join(cache.tmp, prefix + randomUUID());
  await makeFolder(temporary);
  try {
    const manifest = await fill(temporary);
    await writeFile(join(temporary, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    return manifest;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @throws BenchError `PREREQ_CACHE_UNWRITABLE` that names the folder. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new BenchError('PREREQ_CACHE_UNWRITABLE', `Cannot create ${path}: ${messageOf(error)}`, {
      hint: 'Choose another cache folder with BENCH_CACHE_DIR=/path.',
      cause: error,
    });
  }
}

export async function fileBytes(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}

/** SHA-256 of a file, lower-case hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** The target's lock is held, so whatever carries its prefix was left by a process that died. */
async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
