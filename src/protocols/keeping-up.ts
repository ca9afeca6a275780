import type { KeepingUp, LevelRun } from '../model/index.ts';
import { type Flights, fitTrend, inFlightBins } from './trend.ts';

/**
 * Completions below this share of the arrivals are falling behind where in flight grows as well, at
 * this p. The second pair is for short levels, in which chance hides growth: of 400 simulated queues
 * with 100 arrivals at 1.3 times their capacity it calls 92 %, the first alone 78 %; at 0.9 times it
 * is wrong about 8 % of them, the first about 6 %.
 */
const signs = [
  { share: 0.97, p: 0.01 },
  { share: 0.9, p: 0.1 },
];
const minArrivals = 30;

/** Stricter, for ending a level before its time: a fifth of all that arrives stays. */
const overload = { arrivals: 100, share: 0.8, p: 0.001 };

/**
 * Whether what arrived was completed. Both counts are of the same window, so the arrivals are those
 * realised: the number of Poisson arrivals varies by itself. Falling behind takes two signs: fewer
 * than 97 % completed and a number in flight that grows (one-sided p < 0.01), or fewer than 90 % and
 * p < 0.1.
 */
export function judgeKeepingUp(flights: Flights, fromUs: number, toUs: number): KeepingUp {
  const seen = countFlights(flights, fromUs, toUs);
  const { arrivals, completions, trend } = seen;
  const perS = trend === null ? null : growthPerS(trend.slope, fromUs, toUs, seen.bins);
  const figures = { arrivals, completions, inFlightTrendPerS: perS };
  const counts = `${completions} of ${arrivals} arrivals were completed within the window`;
  if (trend === null || perS === null) {
    const reason = `${counts}: too few to tell`;
    return { ...figures, trendP: null, verdict: 'unknown', reason };
  }
  const behind = signs.some(({ share, p }) => completions < share * arrivals && trend.pGrowth < p);
  const change = `in flight changed by ${signed(perS)} a second (p of growth ${formatP(trend.pGrowth)})`;
  return {
    ...figures,
    trendP: trend.pGrowth,
    verdict: behind ? 'falls-behind' : 'keeps-up',
    reason: `${counts}; ${change}`,
  };
}

/** Evidence enough to end a level early: the queue grows and keeps growing. */
export function isOverloaded(
  flights: Flights,
  fromUs: number,
  nowUs: number,
  minimum = overload.arrivals,
): boolean {
  const { arrivals, completions, trend } = countFlights(flights, fromUs, nowUs);
  if (arrivals < minimum || trend === null) return false;
  return completions < overload.share * arrivals && trend.pGrowth < overload.p;
}

/**
 * Of a finished open-loop level; null for a closed one, whose arrivals wait for completions.
 * Where no lead-in filled the server, the time it takes to fill is left out: three mean times in
 * the server, at most half the window.
 */
export function keepingUpOf(run: LevelRun): KeepingUp | null {
  if (run.load.kind !== 'open') return null;
  const flights = flightsOf(run);
  const { windowStartUs, windowEndUs, records } = run;
  const isFilled = records.some((r) => !r.counted && r.intendedUs < windowStartUs);
  let fillUs = 0;
  if (!isFilled) {
    const counted = records.filter((r) => r.counted && r.outcome === 'ok');
    const totalUs = counted.reduce((sum, r) => sum + r.endUs - r.intendedUs, 0);
    const meanUs = counted.length === 0 ? 0 : totalUs / counted.length;
    fillUs = Math.min((windowEndUs - windowStartUs) / 2, 3 * meanUs);
  }
  const judged = judgeKeepingUp(flights, windowStartUs + fillUs, windowEndUs);
  // Ended early by this very evidence, of which the window may hold only a part.
  const stopped = run.findings.find(({ code }) => code === overloadedCode);
  return stopped === undefined ? judged : { ...judged, verdict: 'falls-behind' };
}

export const overloadedCode = 'level-overloaded';

export function flightsOf(run: LevelRun): Flights {
  return {
    intendedUs: run.records.map((record) => record.intendedUs),
    // What this side cut off had not ended.
    endUs: run.records.map((r) => (r.outcome === 'cancelled' ? Number.POSITIVE_INFINITY : r.endUs)),
  };
}

function countFlights({ intendedUs, endUs }: Flights, fromUs: number, toUs: number) {
  let arrivals = 0;
  let completions = 0;
  intendedUs.forEach((us, i) => {
    if (us >= fromUs && us < toUs) arrivals += 1;
    const end = endUs[i] as number;
    if (end >= fromUs && end < toUs) completions += 1;
  });
  const bins = arrivals < 2 * minArrivals ? 10 : 20;
  const enough = arrivals >= minArrivals && toUs > fromUs;
  const trend = enough ? fitTrend(inFlightBins({ intendedUs, endUs }, fromUs, toUs, bins)) : null;
  return { arrivals, completions, bins, trend };
}

function growthPerS(slope: number, fromUs: number, toUs: number, bins: number): number {
  return slope / ((toUs - fromUs) / bins / 1e6);
}

const signed = (value: number) => `${value < 0 ? '' : '+'}${Number(value.toPrecision(2))}`;
const formatP = (p: number) => (p < 0.001 ? '< 0.001' : Number(p.toPrecision(2)));
