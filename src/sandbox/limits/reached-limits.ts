import type { LimitReport } from '../sandbox.ts';

const names: Partial<Record<LimitReport['limit'], string>> = {
  memoryBytes: 'memory',
  processes: 'processes',
  diskBytes: 'disk',
};

const MiB = 1 << 20;

/** Limits that a program ran into, in words with their value: what its end may come from. */
export const reachedLimits = (limits: readonly LimitReport[]): string[] =>
  limits.flatMap(({ limit, asked, reached }) => {
    const name = names[limit];
    if (reached !== true || name === undefined) return [];
    const value = limit === 'processes' ? asked : `${Math.round(Number(asked) / MiB)} MiB`;
    return `${name} (${value})`;
  });
