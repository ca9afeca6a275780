import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../places.ts';
import type { Client } from './client.ts';
import { vllmFlags } from './vllm-flags.ts';
import { readVllmResult } from './vllm-result.ts';

/** Where `cargo build --release` puts it when its source was cloned into the cache. */
const builtHere = join(cacheDir, 'vllm-bench-src', 'target', 'release', 'vllm-bench');

/** The Rust tool of the vLLM project. */
export function createVllmBench(): Client {
  const program = process.env['VLLM_BENCH'] ?? builtHere;
  return {
    id: 'vllm-bench',
    title: 'vllm-bench (Rust)',
    find() {
      if (!existsSync(program)) {
        return {
          missing: `no binary: clone github.com/vllm-project/vllm-bench into ${join(cacheDir, 'vllm-bench-src')} and run "cargo build --release" there, or set VLLM_BENCH to its path (crates.io has no such crate)`,
        };
      }
      const said = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 });
      const version = /vllm-bench \S+/.exec(said.stdout ?? '')?.[0];
      return version === undefined ? { missing: `${program} does not run` } : { version };
    },
    command: (cell, place) => [program, ...vllmFlags(cell, place)],
    read: async (cell, place) => readVllmResult(place.dir, cell.outputTokens, true),
  };
}
