import type { LevelSummary } from './envelope.ts';
import { formatRate } from './load.ts';

/** What arrived in the level's counted window, per second; null where that was not counted. */
export function offeredRate(level: LevelSummary | null): number | null {
  const offered = level?.metrics.values['offered_rps'];
  return typeof offered === 'number' ? offered : null;
}

/**
 * A rate by what really arrived, with what was planned beside it: `4.87 req/s (5 planned)`. Where
 * nobody counted the arrivals, `5 req/s planned`.
 */
export function formatRealisedRate(
  offeredRps: number | null | undefined,
  plannedRps: number,
): string {
  const planned = formatRate(plannedRps);
  if (typeof offeredRps !== 'number') return `${planned} req/s planned`;
  return `${formatRate(offeredRps)} req/s (${planned} planned)`;
}
