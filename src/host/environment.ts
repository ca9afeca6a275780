import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as os from 'node:os';
import type { Environment } from '../model/index.ts';
import { runQuietly } from './run-quietly.ts';

/**
 * The machine as a result records it: what a reader needs to judge whether two results may be
 * compared. The host's name is hashed (SHA-256, first 12 hex digits): equal machines can be
 * told, names do not leak.
 */
export async function describeEnvironment(): Promise<Environment> {
  return {
    os: describeOs(),
    kernel: os.release(),
    arch: os.arch(),
    cpuModel: describeCpu(),
    cpuCount: os.availableParallelism(),
    memoryBytes: ownMemoryBytes(),
    gpus: await listGpus(),
    hostnameHash: createHash('sha256').update(os.hostname()).digest('hex').slice(0, 12),
    container: detectContainer({ exists: existsSync, read: readText, env: process.env }),
    // Windows has none and says 0.
    loadAverage1: os.platform() === 'win32' ? null : (os.loadavg()[0] ?? null),
    versions: {
      node: process.versions.node,
      v8: process.versions.v8,
      uv: process.versions.uv,
      openssl: process.versions.openssl,
    },
  };
}

function describeOs(): string {
  const release = os.platform() === 'linux' ? readText('/etc/os-release') : null;
  const pretty = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release ?? '')?.[1];
  return pretty ?? `${os.type()} ${os.version()}`;
}

function describeCpu(): string {
  const model = os.cpus()[0]?.model.trim();
  if (model && model !== 'unknown') return model;
  // ARM kernels give Node no model name; some boards name it here.
  const cpuinfo = readText('/proc/cpuinfo') ?? '';
  return /^(?:Hardware|Model|CPU part)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.trim() ?? 'unknown';
}

/** What this process may use: a container's limit where that is below the machine's memory. */
export function ownMemoryBytes(): number {
  // 0 or undefined: no limit; without one cgroups also answer with a number beyond any memory.
  const limit = process.constrainedMemory();
  return limit ? Math.min(limit, os.totalmem()) : os.totalmem();
}

async function listGpus(): Promise<Environment['gpus']> {
  const fields = 'name,memory.total,driver_version';
  const args = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'];
  return parseNvidiaSmi((await runQuietly('nvidia-smi', args)) ?? '');
}

/**
 * The answer of `nvidia-smi --query-gpu=name,memory.total,driver_version
 * --format=csv,noheader,nounits`: one GPU a line, memory in MiB, `[N/A]` where a card does not
 * tell (those that share the host's memory).
 */
export function parseNvidiaSmi(text: string): Environment['gpus'] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.length === 3)
    .map(([name = '', memoryMib = '', driver = '']) => ({
      name,
      memoryBytes: /^\d+$/.test(memoryMib) ? Number(memoryMib) * 2 ** 20 : null,
      driver: /^[\d.]+$/.test(driver) ? driver : null,
    }));
}

export interface ContainerSigns {
  exists(path: string): boolean;
  /** Null when it cannot be read. */
  read(path: string): string | null;
  env: Readonly<Record<string, string | undefined>>;
}

/** Whether this process runs in a container; null where nothing tells. */
export function detectContainer({ exists, read, env }: ContainerSigns): boolean | null {
  if (exists('/.dockerenv') || exists('/run/.containerenv')) return true;
  if (env['KUBERNETES_SERVICE_HOST'] || env['container']) return true;
  const cgroup = read('/proc/1/cgroup');
  if (cgroup === null) return null;
  return /docker|kubepods|containerd|libpod|lxc/.test(cgroup);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
