import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import { failUnlessOk, runPip } from './pip-install.ts';
import type { Python } from './python.ts';
import { commandFailure, runCommand } from './run-command.ts';

export interface PackageOrder {
  /** What pip is to install: `name==version`, a wheel, `-r` and a file. */
  requirements: readonly string[];
  /** Of pip's `install`, beside ours. */
  options?: readonly string[];
  /** For the progress bar; null = nothing is fetched. */
  what: string | null;
  /** Over the network; null when not known. */
  totalBytes: number | null;
}

export interface AddedPackages {
  /** Everything pip put in, `name==version`, sorted. */
  packages: string[];
  /** Of the sorted list of packages with the digests that pip gives. */
  sha256: string;
  /** Most that was seen lying in pip's download folder at once. */
  bytes: number;
}

/**
 * A virtual environment with nothing in it; it may be moved afterwards, with what is in it, but for
 * the programs of its packages, which name their interpreter. Made without pip: Debian has no
 * `ensurepip` unless asked.
 * @returns its interpreter
 * @throws BenchError `PREREQ_PIP`
 */
export async function createEnvironment(
  ctx: EngineContext,
  python: Python,
  folder: string,
): Promise<string> {
  const made = await runCommand(ctx, [python.path, '-m', 'venv', '--without-pip', folder]);
  if (made.code !== 0) throw new BenchError('PREREQ_PIP', `venv: ${commandFailure(made)}`);
  return join(folder, 'bin', 'python');
}

/**
 * Packages and whatever they need, wheels only, fetched with the user's own pip settings.
 * @param python whose pip does it
 * @param folder of the virtual environment that they go into
 * @throws BenchError `PREREQ_PIP` with pip's own reason.
 */
export async function addPackages(
  ctx: EngineContext,
  python: Python,
  folder: string,
  { requirements, options = [], what, totalBytes }: PackageOrder,
): Promise<AddedPackages> {
  const scratch = `${folder}.pip`;
  const report = join(scratch, 'report.json');
  await mkdir(scratch, { recursive: true });
  const watch = what === null ? null : watchFolder(ctx, what, scratch, totalBytes);
  const result = await runPip(
    ctx,
    python,
    scratch,
    [
      ...['install', '--only-binary=:all:', '--no-cache-dir', '--no-compile'],
      ...['--report', report, ...options, ...requirements],
    ],
    ['--python', join(folder, 'bin', 'python')],
  ).finally(() => watch?.stop());
  failUnlessOk(ctx, result, `pip install ${requirements.join(' ')}`);
  const packages = packagesOf(await readFile(report, 'utf8'));
  await rm(scratch, { recursive: true, force: true });
  const list = packages.map(({ name, digest }) => `${name} ${digest}`).join('\n');
  return {
    packages: packages.map(({ name }) => name),
    sha256: createHash('sha256').update(list).digest('hex'),
    bytes: watch?.seenBytes() ?? 0,
  };
}

/** A virtual environment with packages in it: both of the above. @throws BenchError `PREREQ_PIP` */
export async function installEnvironment(
  ctx: EngineContext,
  python: Python,
  { folder, ...order }: PackageOrder & { folder: string },
): Promise<AddedPackages & { python: string }> {
  const inside = await createEnvironment(ctx, python, folder);
  return { python: inside, ...(await addPackages(ctx, python, folder, order)) };
}

interface PipReport {
  install?: {
    metadata?: { name?: string; version?: string };
    download_info?: { archive_info?: { hashes?: { sha256?: string } } };
  }[];
}

/** pip's installation report, version 1. */
function packagesOf(text: string): { name: string; digest: string }[] {
  const { install = [] } = JSON.parse(text) as PipReport;
  return install
    .map(({ metadata, download_info }) => ({
      name: `${metadata?.name}==${metadata?.version}`,
      digest: download_info?.archive_info?.hashes?.sha256 ?? 'unknown',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** pip tells its progress to terminals only: watch its folder grow. */
function watchFolder(ctx: EngineContext, what: string, folder: string, totalBytes: number | null) {
  let most = 0;
  let stopped = false;
  ctx.emit({ kind: 'download', what, doneBytes: 0, totalBytes });
  const look = async () => {
    const doneBytes = await folderBytes(folder);
    if (stopped || doneBytes <= most) return;
    most = doneBytes;
    ctx.emit({ kind: 'download', what, doneBytes, totalBytes });
  };
  const timer = setInterval(() => void look(), 1_000);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
    seenBytes: () => most,
  };
}

/** Files come and go under pip's hands: what cannot be read counts as nothing. */
async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory()
      ? await folderBytes(path)
      : ((await stat(path).catch(() => null))?.size ?? 0);
  }
  return sum;
}
