import type { Traffic } from '../../../arena/index.ts';
import { createRng } from '../../../core/index.ts';
import { createGaps, parseArrival } from '../../../workload/index.ts';

/**
 * When each request is due, microseconds from the start of the traffic; null for a burst. The gaps are
 * scaled so that from the first request to the last the rate is the one that was asked for: a few
 * Poisson arrivals as drawn offer another one (of 16: give or take a quarter), which no server could
 * keep up with, or any.
 */
export function arrivalTimes({ asks, arrival, rateRps, seed }: Traffic): number[] | null {
  if (arrival === 'burst' || rateRps === null) return null;
  const nextGap = createGaps(parseArrival(arrival), createRng(seed, 'arrivals'));
  // The first is the wait for the first request.
  const [, ...gaps] = asks.map(() => nextGap());
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const usPerGap = total === 0 ? 0 : (gaps.length / rateRps / total) * 1e6;
  let at = 0;
  return asks.map((_, index) => {
    at += (gaps[index - 1] ?? 0) * usPerGap;
    return Math.round(at);
  });
}
