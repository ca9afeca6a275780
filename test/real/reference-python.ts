import { delimiter } from 'node:path';
import { env, platform } from 'node:process';
import { createEntryContext, type EngineContext, findEngine } from '../../src/engines/index.ts';

/**
 * Folder with a `python3` that has what the PyTorch reference imports. Only the tests that need it put
 * it on PATH, and last: others are to find the Pythons that this machine has without it.
 */
const folder = env['BENCH_TEST_PYTHON'];

/** For `bench` as a process of its own. */
export const referenceEnv: Record<string, string> = folder
  ? { PATH: [env['PATH'], folder].join(delimiter) }
  : {};

export const context: EngineContext = {
  ...createEntryContext(() => {}),
  env: { ...env, ...referenceEnv },
};

/** 2.8 GB are not fetched for a test: it runs where a Python with torch is there already. */
export const installed = await findEngine('pytorch').locate(context);

/** Why the arena cannot be run against the reference here; null = it can. */
export function obstacle(): string | null {
  if (platform !== 'linux') return 'the arena needs Linux';
  if (installed !== null) return null;
  return 'no Python with torch, transformers, gguf and jinja2 on PATH, in BENCH_TEST_PYTHON or in the cache';
}
