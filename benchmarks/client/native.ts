import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './places.ts';

const source = join(import.meta.dirname, 'native');

export interface NativePrograms {
  mockServer: string;
  cReader: string;
  launch: string;
}

/** Compiles the C programs into the cache when they are missing or older than their source. */
export function buildNative(): NativePrograms {
  if (process.platform !== 'linux') {
    throw new Error('This benchmark needs Linux (epoll, CLOCK_MONOTONIC shared by processes).');
  }
  const out = join(cacheDir, 'native');
  mkdirSync(out, { recursive: true });
  const build = (name: string): string => {
    const from = join(source, `${name}.c`);
    const to = join(out, name);
    if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return to;
    const result = spawnSync('gcc', ['-O2', '-o', to, from, '-lm'], { encoding: 'utf8' });
    if (result.error !== undefined) {
      throw new Error(
        `gcc cannot be run (${result.error.message}). The server with the known truth is written in C: install a compiler (Debian: apt-get install gcc libc6-dev).`,
      );
    }
    if (result.status !== 0) throw new Error(`${name}.c does not compile:\n${result.stderr}`);
    return to;
  };
  return {
    mockServer: build('mock-server'),
    cReader: build('c-reader'),
    launch: build('launch'),
  };
}
