import {
  type LevelRun,
  outputTokensOf,
  type RequestRecord,
  type SloTemplate,
} from '../model/index.ts';
import { e2eMs, tpotMs, ttftMs } from './request-latency.ts';

/** Ended ok with fewer output tokens than were asked for. */
export function isShortOutput(record: RequestRecord): boolean {
  const tokens = outputTokensOf(record);
  return record.outcome === 'ok' && tokens !== null && tokens < record.outputTokensAsked;
}

/**
 * Whether a request was within every limit, by response latency (from the intended send).
 * A failed request was not. A limit on TPOT holds for a request that has none (one token).
 *
 * @returns null where it cannot be told: cancelled by this side before any limit had passed.
 */
export function requestMeetsSlo(record: RequestRecord, slo: SloTemplate): boolean | null {
  const within = (value: number | null, limit: number | null) =>
    limit === null || value === null || value <= limit;
  if (record.outcome === 'cancelled') {
    const ageMs = (record.endUs - record.intendedUs) / 1000;
    return within(ttftMs(record) ?? ageMs, slo.ttftMs) && within(ageMs, slo.e2eMs) ? null : false;
  }
  return (
    record.outcome === 'ok' &&
    within(ttftMs(record), slo.ttftMs) &&
    within(tpotMs(record), slo.tpotMs) &&
    within(e2eMs(record), slo.e2eMs)
  );
}

/** Share of requests within every limit; requests that cannot be judged are left out. */
export function sloAttainment(records: readonly RequestRecord[], slo: SloTemplate): number | null {
  let judged = 0;
  let met = 0;
  for (const record of records) {
    const meets = requestMeetsSlo(record, slo);
    if (meets === null) continue;
    judged++;
    if (meets) met++;
  }
  return judged === 0 ? null : met / judged;
}

/**
 * Whether the share of counted requests within every limit reaches the template's quantile:
 * a p99 limit is met when at least 99 % of requests are within it, failures being misses.
 *
 * @returns null without a template or without a counted request that can be judged.
 */
export function isSloMet(run: LevelRun, slo: SloTemplate | null): boolean | null {
  if (slo === null) return null;
  const share = sloAttainment(
    run.records.filter((record) => record.counted),
    slo,
  );
  return share === null ? null : share >= slo.quantile - 1e-12;
}
