import type { Envelope, LevelSummary } from '../model/index.ts';
import { goodputKeys } from '../protocols/index.ts';

/** The smallest number of requests that has the percentile at all: 1 / (1 - p). */
const least = { p90: 10, p95: 20, p99: 100, p99_9: 1000 } as const;

/**
 * Why a figure of the headline level is null, where that follows from the result itself.
 * @returns metric key -> reason in words
 */
export function missingReasons(
  { levels, slo, metrics: { values } }: Envelope,
  level: LevelSummary | null,
): Record<string, string> {
  const reasons: Record<string, string> = {};
  const ok = values['requests_ok'];
  if (level !== null && typeof ok === 'number') {
    for (const family of ['ttft', 'itl', 'tpot', 'e2e']) {
      // Without a median there is no such value at all: not a matter of how many.
      const median = values[`${family}_p50_ms`];
      if (ok > 1 && median === null && family !== 'ttft' && family !== 'e2e') {
        for (const stat of ['mean', 'p50', 'p99']) reasons[`${family}_${stat}_ms`] = noGap;
      }
      if (typeof median !== 'number') continue;
      for (const [stat, requests] of Object.entries(least)) {
        const key = `${family}_${stat}_ms`;
        if (values[key] !== null || ok >= requests) continue;
        reasons[key] = `needs ${requests} requests, ${ok} succeeded`;
      }
    }
  }
  if (values['goodput_at_slo'] === null) {
    const open = levels.filter(({ load }) => load.kind === 'open').length;
    const why =
      slo === null
        ? 'no SLO was given'
        : open === 0
          ? 'closed loop: no request rate'
          : open === 1
            ? 'one level: no search'
            : null;
    if (why !== null) for (const key of goodputKeys) reasons[key] = why;
  }
  return reasons;
}

const noGap = 'no answer had a second token that was seen to arrive';
