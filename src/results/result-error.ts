import { BenchError, messageOf } from '../core/index.ts';

/**
 * What the file system said, as an error for users: RESULT_DISK_FULL or RESULT_NOT_WRITABLE.
 * @param path the file or folder that could not be written
 */
export function toWriteError(error: unknown, path: string): BenchError {
  if (error instanceof BenchError) return error;
  const code = errorCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BenchError('RESULT_DISK_FULL', `No space left for the result in "${path}".`, {
      hint: 'Free some space, or choose another folder with --output.',
      cause: error,
    });
  }
  return new BenchError('RESULT_NOT_WRITABLE', `Cannot write "${path}": ${messageOf(error)}.`, {
    hint: 'Choose a folder you may write to with --output.',
    cause: error,
  });
}

export function errorCodeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
