import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError, redactText } from '../core/index.ts';
import { sha256OfFile } from './cache.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';
import type { Python } from './python.ts';
import type { CommandResult } from './run-command.ts';
import { commandFailure, runCommand } from './run-command.ts';

/** A wheel of an exact version, fetched with the user's own pip settings (index, proxy, cert). */
export interface WheelPin {
  name: string;
  version: string;
  /**
   * SHA-256 of the known files of that version. When the machine's platform is among `hashedFor`,
   * pip has to find one of them; else the digest is only recorded.
   */
  hashes: readonly string[];
  hashedFor: (platform: string, arch: string) => boolean;
  /** Size on this platform for the progress bar, where known. */
  bytes: (platform: string, arch: string) => number | null;
}

export interface FetchedWheel {
  path: string;
  sha256: string;
  bytes: number;
  verified: boolean;
}

/**
 * Downloads one wheel, without its dependencies, into `folder`.
 * @throws BenchError `PREREQ_PIP` with pip's own reason.
 */
export async function fetchWheel(
  ctx: EngineContext,
  python: Python,
  pin: WheelPin,
  folder: string,
): Promise<FetchedWheel> {
  const verified = pin.hashedFor(ctx.platform, ctx.arch);
  const scratch = join(folder, 'pip');
  const wheels = join(folder, 'wheels');
  await mkdir(scratch, { recursive: true });
  await mkdir(wheels, { recursive: true });
  const requirement = `${pin.name}==${pin.version}`;
  const hashes = verified ? pin.hashes.map((hash) => ` --hash=sha256:${hash}`).join('') : '';
  const requirements = join(scratch, 'requirements.txt');
  await writeFile(requirements, `${requirement}${hashes}\n`);

  const stopProgress = watchGrowth(ctx, requirement, [scratch, wheels], pin);
  const result = await runPip(ctx, python, scratch, [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    ...(verified ? ['--require-hashes'] : []),
    '--dest',
    wheels,
    '-r',
    requirements,
  ]).finally(stopProgress);
  failUnlessOk(ctx, result, `pip download ${requirement}`);

  const name = (await readdir(wheels)).find((file) => file.endsWith('.whl'));
  if (!name) throw new BenchError('PREREQ_PIP', `pip download ${requirement} left no wheel.`);
  const path = join(wheels, name);
  const { size: bytes } = await stat(path);
  ctx.emit({ kind: 'download', what: requirement, doneBytes: bytes, totalBytes: bytes });
  await rm(scratch, { recursive: true, force: true });
  return { path, sha256: await sha256OfFile(path), bytes, verified };
}

/**
 * Unpacks a fetched wheel into a folder of its own. `--target` leaves the Python installation
 * alone, which is why externally managed ones (PEP 668) allow it.
 * @throws BenchError `PREREQ_PIP`.
 */
export async function installWheel(
  ctx: EngineContext,
  python: Python,
  wheel: string,
  target: string,
): Promise<void> {
  const scratch = `${target}.pip`;
  await mkdir(scratch, { recursive: true });
  const result = await runPip(ctx, python, scratch, [
    'install',
    '--no-deps',
    '--no-index',
    '--no-compile',
    '--target',
    target,
    wheel,
  ]);
  await rm(scratch, { recursive: true, force: true });
  failUnlessOk(ctx, result, `pip install --target ${target}`);
}

/** @param own options of pip itself, in front of the command */
export function runPip(
  ctx: EngineContext,
  python: Python,
  scratch: string,
  args: readonly string[],
  own: readonly string[] = [],
): Promise<CommandResult> {
  return runCommand(
    ctx,
    [python.path, '-m', 'pip', '--disable-pip-version-check', '--no-input', ...own, ...args],
    // PYTHONPATH and PIP_USER of the caller would mix other installations in.
    { env: { TMPDIR: scratch, PIP_USER: '0', PYTHONPATH: '', PYTHONDONTWRITEBYTECODE: '1' } },
  );
}

/** @throws BenchError `PREREQ_PIP`. */
export function failUnlessOk(ctx: EngineContext, result: CommandResult, what: string): void {
  throwIfAborted(ctx);
  if (result.code === 0) return;
  throw new BenchError('PREREQ_PIP', `${what}: ${redactText(pipReason(result))}`, {
    details: { stderr: redactText(result.stderr.slice(-2000)) },
  });
}

/** pip's last ERROR line is often its vaguest; the network's own words come in warnings before. */
function pipReason(result: CommandResult): string {
  const network =
    /(Name or service not known|Temporary failure in name resolution|Connection refused|timed out|CERTIFICATE_VERIFY_FAILED|Network is unreachable|ProxyError)/.exec(
      result.stderr,
    );
  const reason = commandFailure(result);
  return network ? `${network[1]}; ${reason}` : reason;
}

/** pip tells its progress to terminals only, and each version differently: watch the file grow. */
function watchGrowth(
  ctx: EngineContext,
  what: string,
  folders: readonly string[],
  pin: WheelPin,
): () => void {
  const totalBytes = pin.bytes(ctx.platform, ctx.arch);
  let last = 0;
  let stopped = false;
  ctx.emit({ kind: 'download', what, doneBytes: 0, totalBytes });
  const look = async () => {
    const doneBytes = Math.max(...(await Promise.all(folders.map(largestFile))));
    if (stopped || doneBytes <= last || doneBytes < 4096) return;
    last = doneBytes;
    ctx.emit({ kind: 'download', what, doneBytes, totalBytes });
  };
  const timer = setInterval(() => void look(), 250);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

async function largestFile(folder: string): Promise<number> {
  let largest = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const size = entry.isDirectory()
      ? await largestFile(path)
      : ((await stat(path).catch(() => null))?.size ?? 0);
    largest = Math.max(largest, size);
  }
  return largest;
}
