import { open, stat } from 'node:fs/promises';
import { sleepMs } from '../core/index.ts';
import type { EngineContext } from './context.ts';

const everyMs = 250;

/** Bytes that are in the log already: engines append to it. */
export async function logSize(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/** The first line of the log from byte `from` on that matches; null when there is none. */
export async function findLine(
  path: string,
  from: number,
  pattern: RegExp,
): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const length = Math.max(0, (await file.stat()).size - from);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    return lines.find((line) => pattern.test(line)) ?? null;
  } finally {
    await file.close();
  }
}

/** Resolves when such a line is there; not at all once `over` is aborted. */
export async function waitForLine(
  ctx: EngineContext,
  path: string,
  from: number,
  pattern: RegExp,
  over: AbortSignal,
): Promise<void> {
  while ((await findLine(path, from, pattern)) === null) {
    await sleepMs(ctx.clock, everyMs, over);
  }
}
