import { BenchError, messageOf } from '../core/index.ts';

/**
 * What the file system said, as an error for users: RESULT_DISK_FULL or RESULT_NOT_WRITABLE.
 * @param path the file or folder that could not be written
 * @param requestsNotStored finished requests whose records are in memory only
 */
export function toWriteError(error: unknown, path: string, requestsNotStored = 0): BenchError {
  if (error instanceof BenchError) return error;
  const code = errorCodeOf(error);
  const lost =
    requestsNotStored === 0 ? '' : ` ${requestsNotStored} finished requests are not stored.`;
  const details = { requestsNotStored };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BenchError('RESULT_DISK_FULL', `No space left for the result in "${path}".${lost}`, {
      hint: 'Free some space, or choose another folder with --output.',
      cause: error,
      details,
    });
  }
  return new BenchError(
    'RESULT_NOT_WRITABLE',
    `Cannot write "${path}": ${messageOf(error)}.${lost}`,
    { hint: 'Choose a folder you may write to with --output.', cause: error, details },
  );
}

export function errorCodeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
