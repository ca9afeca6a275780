import type { LevelRun, RequestRecord, SloTemplate } from '../model/index.ts';
import { type GroupedSeries, singletonGroups } from '../stats/index.ts';

/** What the definitions compute from: the run, and the selections of it that several need. */
export interface LevelFacts {
  run: LevelRun;
  slo: SloTemplate | null;
  /** The server was told to produce exactly the output tokens asked for. */
  lengthEnforced: boolean;
  /** Counted requests in order of intended time. */
  counted: RequestRecord[];
  /** The counted requests that succeeded, in the same order. */
  ok: RequestRecord[];
  /** Failed, that is neither ok nor cancelled by this side. */
  failed: RequestRecord[];
  span: RateSpan | null;
}

/**
 * The interval that rates are taken over: from the start of the counted window to the end of the
 * last counted request, both included. An event belongs to it by its time, whichever request it
 * is of: arrivals go on until the end of the interval, so the load on the server is the same
 * throughout and what arrives inside, divided by the length, is what the server delivered. (Only
 * the first answers' latency is missing at the start, a share of about latency / length.) The
 * window alone would do as well for long runs, but a window that ends at the last send of a few
 * requests holds hardly any of their answers, and no time at all for a single request.
 */
export interface RateSpan {
  startUs: number;
  endUs: number;
  seconds: number;
}

export function gatherFacts(
  run: LevelRun,
  slo: SloTemplate | null,
  lengthEnforced: boolean,
): LevelFacts {
  const counted = run.records
    .filter((record) => record.counted)
    .sort((a, b) => a.intendedUs - b.intendedUs || a.index - b.index);
  return {
    run,
    slo,
    lengthEnforced,
    counted,
    ok: counted.filter(({ outcome }) => outcome === 'ok'),
    failed: counted.filter(isFailed),
    span: counted.length === 0 ? null : rateSpan(run),
  };
}

export function isFailed(record: RequestRecord): boolean {
  return record.outcome !== 'ok' && record.outcome !== 'cancelled';
}

/** Length of the counted window, seconds; to the last counted request's end where it has none. */
export function windowSeconds(run: LevelRun): number | null {
  const us = run.windowEndUs - run.windowStartUs;
  if (us > 0) return us / 1e6;
  return run.endUs > run.windowStartUs ? (run.endUs - run.windowStartUs) / 1e6 : null;
}

/** One value or none per request. */
export function perRequest(
  records: readonly RequestRecord[],
  valueOf: (record: RequestRecord) => number | null,
): GroupedSeries {
  const offsets = new Uint32Array(records.length + 1);
  const values = new Float64Array(records.length);
  let filled = 0;
  records.forEach((record, i) => {
    const value = valueOf(record);
    if (value !== null) values[filled++] = value;
    offsets[i + 1] = filled;
  });
  return { values: values.slice(0, filled), offsets };
}

/** A latency of each request that ended by itself: +Infinity where it failed. */
export function withFailures(
  facts: LevelFacts,
  valueOf: (record: RequestRecord) => number | null,
): GroupedSeries {
  const ended = facts.counted.filter(({ outcome }) => outcome !== 'cancelled');
  return singletonGroups(
    ended.map((record) => (isFailed(record) ? Infinity : (valueOf(record) ?? Infinity))),
  );
}

function rateSpan(run: LevelRun): RateSpan | null {
  const seconds = (run.endUs - run.windowStartUs) / 1e6;
  return seconds > 0 ? { startUs: run.windowStartUs, endUs: run.endUs, seconds } : null;
}
