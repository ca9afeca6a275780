import { BenchError, isBenchError, messageOf } from './errors.ts';

/**
 * What an error of the machine's own is to the user; null for any other. Files that cannot be
 * opened are also modules that cannot be loaded.
 */
export function asOwnLimit(error: unknown): BenchError | null {
  if (isBenchError(error) && error.exitCode !== 1) return null;
  const code = (error as { code?: unknown } | null)?.code;
  const text = messageOf(error);
  if (code !== 'EMFILE' && code !== 'ENFILE' && !/\bE[MN]FILE\b/.test(text)) return null;
  return new BenchError('PREREQ_OPEN_FILES', `Too many open files: ${text.split('\n')[0] ?? ''}`, {
    hint: 'This process may not open more; raise the limit, for example: ulimit -n 4096',
    cause: error,
  });
}
