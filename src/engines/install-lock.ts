import { join } from 'node:path';
import type { CacheLayout } from './cache.ts';
import type { EngineContext } from './context.ts';
import { withLock } from './lock.ts';

/**
 * What is there, else what `fetch` puts there, one process at a time: whoever waited looks again
 * before fetching.
 */
export async function findOrFetch<T>(
  ctx: EngineContext,
  cache: CacheLayout,
  name: string,
  find: () => Promise<T | null>,
  fetch: () => Promise<T>,
): Promise<T> {
  const present = await find();
  if (present !== null) return present;
  const path = join(cache.locks, `${name}.lock`);
  return withLock(ctx, path, { what: `installing ${name}` }, async () => (await find()) ?? fetch());
}

/** Why nothing may be fetched, or null. */
export function offlineReason(ctx: EngineContext): string | null {
  return ctx.env['BENCH_OFFLINE'] ? 'BENCH_OFFLINE is set' : null;
}
