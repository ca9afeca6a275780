import { execFile } from 'node:child_process';

/** stdout of a helper program, or null when it is missing, fails or takes over 10 s. */
export function runQuietly(file: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 10_000, maxBuffer: 1 << 24 }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });
}
