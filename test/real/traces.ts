import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cacheLayout } from '../../src/engines/cache.ts';
import { createEntryContext } from '../../src/engines/entry-context.ts';

/** A machine of its own, as far as bench can tell: cache, temporary folder and programs on PATH. */
export interface Playground {
  env: Record<string, string>;
  cache: ReturnType<typeof cacheLayout>;
  /** What lies about in its temporary places. */
  litter(): string[];
}

const isolations = ['pid-namespace', 'death-signal', 'guard'] as const;
export type IsolationKind = (typeof isolations)[number];

/** What has to fail on a machine for that kind to be the strongest left. */
const missing: Record<IsolationKind, readonly string[]> = {
  'pid-namespace': [],
  'death-signal': ['unshare'],
  guard: ['unshare', 'setpriv'],
};

/** Installed engines and models are those of this machine; everything else begins empty. */
export function createPlayground(dir: string): Playground {
  const real = cacheLayout(createEntryContext(() => {}));
  const env = { BENCH_CACHE_DIR: join(dir, 'cache'), TMPDIR: join(dir, 'tmp') };
  const cache = cacheLayout({ env, home: dir });
  for (const folder of [env.TMPDIR, cache.root]) mkdirSync(folder, { recursive: true });
  symlinkSync(real.engines, cache.engines);
  symlinkSync(real.models, cache.models);
  for (const kind of isolations) {
    mkdirSync(join(dir, kind));
    for (const program of missing[kind]) {
      writeFileSync(join(dir, kind, program), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
  }
  return {
    env,
    cache,
    litter: () =>
      [env.TMPDIR, cache.tmp, cache.locks, cache.downloads, cache.run].flatMap((folder) =>
        namesIn(folder)
          // The logs of `engine start` are kept; tsx, which tests run with, keeps a cache.
          .filter((name) => !/^tsx-\d+$|^node-compile-cache$|\.log$/.test(name))
          .map((name) => join(folder, name)),
      ),
  };
}

/** PATH of a machine on which engines are tied to bench in that way. */
export function pathFor(dir: string, kind: IsolationKind): string {
  return `${join(dir, kind)}:${process.env['PATH']}`;
}

/** Ports that command lines of these processes name. */
export function portsOf(pids: readonly number[]): number[] {
  const ports = pids.map((pid) => {
    const args = read(`/proc/${pid}/cmdline`).split('\0');
    return Number(args[args.indexOf('--port') + 1] ?? Number.NaN);
  });
  return [...new Set(ports.filter((port) => port > 0))];
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Shared memory that no living process has open: POSIX by name, System V by id. */
export function strayMemory(): string[] {
  const used = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => read(`/proc/${pid}/maps`))
    .join('\n');
  const posix = namesIn('/dev/shm')
    .map((name) => join('/dev/shm', name))
    .filter((path) => !used.includes(path));
  const systemV = read('/proc/sysvipc/shm')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[6] === '0')
    .map((fields) => `shmid ${fields[1]}`);
  return [...posix, ...systemV];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
