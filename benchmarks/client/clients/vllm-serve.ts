import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../places.ts';
import type { Client } from './client.ts';
import { vllmFlags } from './vllm-flags.ts';
import { readVllmResult } from './vllm-result.ts';

const vllmVersion = '0.33.0';
const vllmVenv = join(cacheDir, 'vllm-venv');
const vllmFolder = join(cacheDir, `vllm-${vllmVersion}`);
const runner = join(import.meta.dirname, '..', 'peers', 'vllm-serve', 'serve.py');

/** The client modules of `vllm bench serve`, unpacked from the wheel; see peers/vllm-serve. */
export function createVllmServe(): Client {
  const python = join(vllmVenv, 'bin', 'python');
  const client = join(vllmFolder, 'vllm', 'benchmarks', 'serve.py');
  return {
    id: 'vllm-serve',
    title: 'vllm bench serve (Python)',
    find: () =>
      existsSync(python) && existsSync(client)
        ? { version: `vllm ${vllmVersion}, client modules` }
        : {
            missing: `not set up: run benchmarks/client/peers/vllm-serve/install.sh (a 336 MB wheel from PyPI, once)`,
          },
    command: (cell, place) => [
      python,
      runner,
      vllmFolder,
      ...vllmFlags(cell, place),
      // No test request before the load.
      '--ready-check-timeout-sec',
      '0',
    ],
    read: async (cell, place) => readVllmResult(place.dir, cell.outputTokens, false),
  };
}
