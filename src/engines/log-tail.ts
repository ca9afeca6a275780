import { open } from 'node:fs/promises';
import { redactText } from '../core/index.ts';

/** The last `lines` lines of a log, redacted; empty when there is no file. Reads at most 256 KiB. */
export async function readLogTail(path: string, lines: number): Promise<string[]> {
  const handle = await open(path, 'r').catch(() => null);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 256 << 10);
    const buffer = Buffer.alloc(length);
    await handle.read(buffer, 0, length, size - length);
    const all = buffer.toString('utf8').split(/\r?\n/);
    if (length < size) all.shift();
    return all
      .filter((line) => line.trim() !== '')
      .slice(-lines)
      .map((line) => redactText(line));
  } finally {
    await handle.close();
  }
}
