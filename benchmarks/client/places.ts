import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

/** What was compiled and what peers need; nothing of it is in the repository. */
export const cacheDir =
  process.env['INFERENCEBENCH_BENCH_CACHE'] ?? join(homedir(), '.cache', 'inferencebench-bench');
