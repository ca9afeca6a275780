import { readFile, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cacheLayout } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { listNvidiaGpus } from '../nvidia-gpus.ts';
import { findPython } from '../python.ts';
import { diskBytes, pythonVersions, vllmWheel } from './pins.ts';

/** What the CPU build needs of a machine. Unknown is null, and is no obstacle. */
export interface Machine {
  /** `linux-x64`. */
  kind: string;
  /** Instruction sets of the CPU as /proc/cpuinfo names them. */
  cpuFlags: readonly string[] | null;
  gpus: readonly string[];
  /** Where the cache is. */
  freeBytes: number | null;
  /** Each Python that was looked at and why it will not do; null when one will. */
  pythons: readonly string[] | null;
}

export async function readMachine(ctx: EngineContext): Promise<Machine> {
  const { from, below } = pythonVersions;
  const [cpuinfo, { gpus }, freeBytes, { found, rejected }] = await Promise.all([
    readFile('/proc/cpuinfo', 'utf8').catch(() => ''),
    listNvidiaGpus(ctx),
    freeBytesAt(cacheLayout(ctx).root),
    findPython(ctx, from, { needsPip: true, below }),
  ]);
  return {
    kind: `${ctx.platform}-${ctx.arch}`,
    cpuFlags: /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? null,
    gpus,
    freeBytes,
    pythons: found ? null : rejected,
  };
}

/** Why the CPU build cannot be installed there, with the next step; null = it can. */
export function obstacleOn(machine: Machine): string | null {
  const { kind, cpuFlags, gpus, freeBytes, pythons } = machine;
  if (gpus.length > 0) {
    const byHand = 'python3 -m venv ~/vllm && ~/vllm/bin/pip install vllm';
    return `it is the build for CPUs, and this machine has ${gpus.join(', ')}. The build for GPUs: ${byHand}; then give --engine-path ~/vllm`;
  }
  if (kind !== 'linux-x64') {
    return `there is a wheel for linux-x64 only, and this is ${kind}; another build of vLLM is found on PATH or by --engine-path`;
  }
  if (cpuFlags !== null && !cpuFlags.includes('avx2')) {
    return 'the build needs AVX2, which this CPU does not have';
  }
  if (freeBytes !== null && freeBytes < diskBytes) {
    return `it needs ${gigabytes(diskBytes)} of disk, and ${gigabytes(freeBytes)} are free in the cache; free some, or set BENCH_CACHE_DIR`;
  }
  if (pythons !== null) {
    const { from, below } = pythonVersions;
    const seen = pythons.length > 0 ? ` (${pythons.join('; ')})` : '';
    return `${vllmWheel.name} needs Python >= ${from.join('.')} and < ${below.join('.')} with pip, and there is none on PATH${seen}`;
  }
  return null;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** Of the folder, or of the nearest above it that exists. */
async function freeBytesAt(folder: string): Promise<number | null> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await statfs(path).catch(() => null);
    if (found) return found.bavail * found.bsize;
    if (path === dirname(path)) return null;
  }
}
