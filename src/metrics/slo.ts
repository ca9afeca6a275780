import {
  type LevelRun,
  outputTokensOf,
  type RequestRecord,
  type SloTemplate,
} from '../model/index.ts';
import { countUpTo, sortedCopy } from '../stats/index.ts';
import { e2eMs, tpotMs, ttftMs } from './request-latency.ts';

/** Ended ok with fewer output tokens than were asked for. */
export function isShortOutput(record: RequestRecord): boolean {
  return isShortOf(record, outputTokensOf(record));
}

/** As `isShortOutput`, where the caller has the output tokens. */
export function isShortOf(
  { outcome, outputTokensAsked }: RequestRecord,
  tokens: number | null,
): boolean {
  return outcome === 'ok' && tokens !== null && tokens < outputTokensAsked;
}

/**
 * Whether a request was within every limit, by response latency (from the intended send).
 * A failed request was not. A limit on TPOT holds for a request that has none (one token).
 *
 * @param tpotOf the request's TPOT, where the caller has it without looking into the chunks.
 * @returns null where it cannot be told: cancelled by this side before any limit had passed.
 */
export function requestMeetsSlo(
  record: RequestRecord,
  slo: SloTemplate,
  tpotOf: (record: RequestRecord) => number | null = tpotMs,
): boolean | null {
  const within = (value: number | null, limit: number | null) =>
    limit === null || value === null || value <= limit;
  if (record.outcome === 'cancelled') {
    const isUndecided =
      within(reachedMs(record, 'ttft'), slo.ttftMs) && within(reachedMs(record, 'e2e'), slo.e2eMs);
    return isUndecided ? null : false;
  }
  return (
    record.outcome === 'ok' &&
    within(ttftMs(record), slo.ttftMs) &&
    within(e2eMs(record), slo.e2eMs) &&
    // Last: TPOT has to look into the chunks.
    (slo.tpotMs === null || within(tpotOf(record), slo.tpotMs))
  );
}

/** Requests within every limit, of those that can be judged. */
export interface Attainment {
  ok: number;
  total: number;
}

/** How many counted requests are within every limit, by `requestMeetsSlo`: failures are misses. */
export function attainment(run: LevelRun, slo: SloTemplate): Attainment {
  let ok = 0;
  let total = 0;
  for (const record of run.records) {
    const meets = record.counted ? requestMeetsSlo(record, slo) : null;
    if (meets === null) continue;
    total++;
    if (meets) ok++;
  }
  return { ok, total };
}

const latencies = { ttft: ttftMs, tpot: tpotMs, e2e: e2eMs };

/**
 * Share of counted requests within each threshold, as `attainment` with that one limit: failures
 * are misses at every threshold, a request without a TPOT is within all of them, and one that
 * this side cancelled is a miss at the thresholds that it had passed, else left out. 0 where no
 * request can be judged.
 *
 * @param thresholdsMs milliseconds, in any order.
 * @returns shares in the order of the thresholds.
 */
export function attainmentCurve(
  run: LevelRun,
  metric: 'ttft' | 'tpot' | 'e2e',
  thresholdsMs: readonly number[],
): number[] {
  const latencyMs = latencies[metric];
  const judged: number[] = [];
  const cutShort: number[] = [];
  for (const record of run.records) {
    if (!record.counted) continue;
    const { outcome } = record;
    if (outcome === 'ok') judged.push(latencyMs(record) ?? Number.NEGATIVE_INFINITY);
    else if (outcome !== 'cancelled') judged.push(Number.POSITIVE_INFINITY);
    else if (metric !== 'tpot') cutShort.push(reachedMs(record, metric));
  }
  const sorted = sortedCopy(judged);
  const sortedCutShort = sortedCopy(cutShort);
  return thresholdsMs.map((limit) => {
    const ok = countUpTo(sorted, limit);
    const total = sorted.length + sortedCutShort.length - countUpTo(sortedCutShort, limit);
    return total === 0 ? 0 : ok / total;
  });
}

/** What a cancelled request's latency was already, milliseconds. */
function reachedMs(record: RequestRecord, metric: 'ttft' | 'e2e'): number {
  const ageMs = (record.endUs - record.intendedUs) / 1000;
  return metric === 'ttft' ? (ttftMs(record) ?? ageMs) : ageMs;
}
