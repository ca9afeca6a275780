import { ttftMs } from '../metrics/index.ts';
import type { LevelRun, SteadyWindow } from '../model/index.ts';
import { mser5 } from '../stats/index.ts';
import { binMeans, fitTrend } from './trend.ts';

/** Fewest requests over which the rule says anything: 10 batches of 5. */
const minRequests = 50;
const largestCut = 0.5;
const bins = 20;
const trendP = 0.01;

/**
 * The steady part of a level by MSER-5 (White 1997; White, Cobb and Spratt 2000) over the TTFT of
 * the counted successes in order of time. Nothing is cut: the rule is a check of the lead-in.
 *
 * @returns null below 50 requests
 */
export function steadyWindowOf(run: LevelRun): SteadyWindow | null {
  const ttfts = run.records
    .filter((record) => record.counted && record.outcome === 'ok')
    .sort((a, b) => a.intendedUs - b.intendedUs)
    .map(ttftMs)
    .filter((value) => value !== null);
  return steadyPart(ttfts);
}

/**
 * Waits in a queue come in runs, and a quiet end draws the cut to itself: past the middle in 27 % of
 * steady M/D/1 levels of 100 requests at 50 % load, 31 % at 80 %. So a level is called unsteady only
 * where a trend that allows for that dependence says so, too.
 *
 * @param ttfts in order of time
 */
export function steadyPart(ttfts: readonly number[]): SteadyWindow | null {
  if (ttfts.length < minRequests) return null;
  const { cut } = mser5(ttfts);
  const cutShare = cut / ttfts.length;
  const trend = fitTrend(binMeans(ttfts, bins));
  const drifts = trend !== null && trend.pAny < trendP;
  return { cutRequests: cut, cutShare, steady: cutShare <= largestCut || !drifts };
}
