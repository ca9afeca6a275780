import type { LimitReport } from '../sandbox.ts';

const names: Partial<Record<LimitReport['limit'], string>> = {
  memoryBytes: 'memory',
  processes: 'processes',
  diskBytes: 'disk',
};

/** Limits that a program ran into, in words: what its end may come from. */
export const reachedLimits = (limits: readonly LimitReport[]): string[] =>
  limits.flatMap(({ limit, reached }) => (reached === true ? (names[limit] ?? []) : []));
