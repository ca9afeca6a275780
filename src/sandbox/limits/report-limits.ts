import type { LimitReport, SandboxLimits } from '../sandbox.ts';
import type { Watch } from '../watch.ts';
import type { Limiter } from './limiter.ts';

/** Who held each limit that was asked for, and whether it was run into. */
export async function reportLimits(
  limits: SandboxLimits,
  limiter: Limiter,
  watch: Watch,
): Promise<LimitReport[]> {
  const byKernel = await limiter.reached();
  const seen = watch.reached();
  const isWatched = limiter.holders.get('memoryBytes') === 'watched';
  const reached: Record<keyof SandboxLimits, boolean | null> = {
    memoryBytes: isWatched ? seen.memory : byKernel.memory,
    processes: byKernel.processes,
    diskBytes: seen.disk,
    cpus: null,
    cpuset: null,
  };
  const reports: LimitReport[] = [];
  for (const limit of Object.keys(reached) as (keyof SandboxLimits)[]) {
    const asked = limits[limit];
    if (asked === null) continue;
    const by = (limit === 'diskBytes' ? watch.diskBy : limiter.holders.get(limit)) ?? 'none';
    reports.push({ limit, asked, by, reached: by === 'none' ? null : reached[limit] });
  }
  return reports;
}
