import { ttftMs } from '../metrics/index.ts';
import type { GateOutcome, RequestRecord } from '../model/index.ts';
import { isOverloaded } from './keeping-up.ts';
import { binMeans, type Flights, fitTrend, inFlightBins } from './trend.ts';

/** Longest lead-in of a level, seconds. */
export const leadInLimitS = 60;
const lookBack = 30;
const meanTimes = 3;
const bins = 10;
/** Two-sided; no trend may be seen in either series. */
const trendP = 0.05;
/** Arrivals from which growth is told apart from filling up. */
const overloadArrivals = 60;

export interface LeadInMoment {
  /** When the load began, and now; microseconds, on the scale of the records. */
  startUs: number;
  nowUs: number;
  /** Requests that have ended, in order of their end. */
  ended: readonly RequestRecord[];
  /** Every request wanted so far. */
  flights: Flights;
}

export interface LeadInView {
  settled: boolean;
  /** The queue grows: no lead-in of any length would settle. */
  overloaded: boolean;
  ttftCov: number | null;
  tpotCov: null;
  words: string;
}

/**
 * Gate (b): neither the number in flight nor TTFT has a trend over the last 30 completions or three
 * mean times in the server, whichever is longer. That stretch must lie within the lead-in.
 */
export function lookAtLeadIn(moment: LeadInMoment): LeadInView {
  const { startUs, nowUs, ended, flights } = moment;
  // A server that refuses half of its requests is steady too: failures are no completions.
  const last = ended.filter(({ outcome }) => outcome === 'ok').slice(-lookBack);
  const none = { settled: false, overloaded: false, ttftCov: null, tpotCov: null };
  if (last.length < lookBack) {
    return { ...none, words: `${last.length} completions, ${lookBack} are needed` };
  }
  const meanUs = last.reduce((sum, r) => sum + r.endUs - r.intendedUs, 0) / last.length;
  const firstUs = (last[0] as RequestRecord).endUs;
  const fromUs = Math.min(firstUs, nowUs - meanTimes * meanUs);
  const overloaded = isOverloaded(
    flights,
    Math.min(startUs + meanUs, (startUs + nowUs) / 2),
    nowUs,
    overloadArrivals,
  );
  const seconds = Number(((nowUs - fromUs) / 1e6).toPrecision(2));
  if (fromUs < startUs) {
    return { ...none, overloaded, words: `shorter than ${meanTimes} mean times in the server` };
  }
  const within = ended.filter((r) => r.endUs >= fromUs && r.outcome === 'ok');
  const ttfts = within.map(ttftMs).filter((value) => value !== null);
  const inFlight = fitTrend(inFlightBins(flights, fromUs, nowUs, bins));
  const ttft = ttfts.length < 2 * bins ? null : fitTrend(binMeans(ttfts, bins));
  const drifts = [
    ...(inFlight !== null && inFlight.pAny < trendP ? [`in flight ${change(inFlight.share)}`] : []),
    ...(ttft !== null && ttft.pAny < trendP ? [`TTFT ${change(ttft.share)}`] : []),
  ];
  const span = `the last ${seconds} s (${within.length} completions)`;
  return {
    settled: drifts.length === 0 && ttft !== null,
    overloaded,
    ttftCov: covOf(ttfts),
    tpotCov: null,
    words: drifts.length === 0 ? `no trend over ${span}` : `${drifts.join(', ')} over ${span}`,
  };
}

export function leadInOutcome(
  view: LeadInView,
  passed: boolean,
  requests: number,
  elapsedS: number,
): GateOutcome {
  const { ttftCov, tpotCov, words } = view;
  const seconds = Number(elapsedS.toPrecision(3));
  const reason = passed
    ? `settled after ${seconds} s: ${words}`
    : view.overloaded
      ? `cannot settle, the queue grows: ${words}`
      : `not settled within ${seconds} s: ${words}`;
  return { gate: 'lead-in', passed, requests, elapsedS, ttftCov, tpotCov, reason };
}

function covOf(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return mean === 0 ? 0 : Math.sqrt(squares / (n - 1)) / mean;
}

const change = (share: number) =>
  `${share < 0 ? 'fell' : 'rose'} by ${Math.abs(Math.round(100 * share))} %`;
