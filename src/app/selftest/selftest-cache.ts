import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheLayout, type EngineContext } from '../../engines/index.ts';
import type { Selftest } from '../../model/index.ts';
import { writeFileAtomic } from '../../results/index.ts';

type CacheContext = Pick<EngineContext, 'env' | 'home'>;

const pathOf = (ctx: CacheContext, hostnameHash: string) =>
  join(cacheLayout(ctx).root, 'selftest', `${hostnameHash}.json`);

/** Keeps the host's newest selftest. */
export async function writeSelftest(ctx: CacheContext, selftest: Selftest): Promise<string> {
  const path = pathOf(ctx, selftest.hostnameHash);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(selftest, null, 2)}\n`);
  return path;
}

/** The selftest of this host by this version of bench; null when there is none. */
export async function readSelftest(
  ctx: CacheContext,
  hostnameHash: string,
  toolVersion: string,
): Promise<Selftest | null> {
  try {
    const stored = JSON.parse(await readFile(pathOf(ctx, hostnameHash), 'utf8')) as Selftest;
    const usable =
      stored.schema === 'inferencebench.selftest.v1' && stored.toolVersion === toolVersion;
    return usable ? stored : null;
  } catch {
    // Absent or unreadable is the same to a run: it goes on without.
    return null;
  }
}
