import type { LevelRun, RequestRecord } from '../model/index.ts';

/** A level's requests in one order, and the selections of them that metrics are of. */
export interface SelectedRequests {
  /** All requests of the level, counted or not, in order of intended time. */
  records: readonly RequestRecord[];
  /** Positions in `records` of the counted requests, ascending like those below. */
  counted: Uint32Array;
  /** Of the counted requests that succeeded. */
  ok: Uint32Array;
  /** Of the counted requests that failed, that is neither ok nor cancelled by this side. */
  failed: Uint32Array;
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

export function isInside(span: RateSpan, atUs: number): boolean {
  return atUs >= span.startUs && atUs <= span.endUs;
}

export function isFailed(record: RequestRecord): boolean {
  const { outcome } = record;
  return outcome !== 'ok' && outcome !== 'cancelled';
}

export function selectRequests(run: LevelRun): SelectedRequests {
  const records = inIntendedOrder(run.records);
  const counted = new Uint32Array(records.length);
  const ok = new Uint32Array(records.length);
  const failed = new Uint32Array(records.length);
  let counts = 0;
  let oks = 0;
  let failures = 0;
  records.forEach((record, at) => {
    if (!record.counted) return;
    counted[counts++] = at;
    if (record.outcome === 'ok') ok[oks++] = at;
    else if (isFailed(record)) failed[failures++] = at;
  });
  return {
    records,
    counted: counted.slice(0, counts),
    ok: ok.slice(0, oks),
    failed: failed.slice(0, failures),
    span: counts === 0 ? null : rateSpan(run),
  };
}

function rateSpan(run: LevelRun): RateSpan | null {
  const seconds = (run.endUs - run.windowStartUs) / 1e6;
  return seconds > 0 ? { startUs: run.windowStartUs, endUs: run.endUs, seconds } : null;
}

/** The same array where it is in order already: records may be decoded at each look. */
function inIntendedOrder(records: readonly RequestRecord[]): readonly RequestRecord[] {
  const n = records.length;
  const intendedUs = new Float64Array(n);
  const index = new Float64Array(n);
  records.forEach((record, i) => {
    intendedUs[i] = record.intendedUs;
    index[i] = record.index;
  });
  const compare = (a: number, b: number) =>
    (intendedUs[a] as number) - (intendedUs[b] as number) ||
    (index[a] as number) - (index[b] as number);
  const places = Uint32Array.from({ length: n }, (_, i) => i);
  if (places.every((place) => place === 0 || compare(place - 1, place) <= 0)) return records;
  return Array.from(places.sort(compare), (place) => records[place] as RequestRecord);
}
