import type { LevelRun } from '../model/index.ts';

/**
 * Time average over the counted window of the requests between actual send and end, all requests
 * of the level included: L in Little's law L = lambda W. Where the window has no length (a single
 * request, a burst), it is averaged until the last counted request ended.
 *
 * @returns null when nothing was counted or no time passed.
 */
export function concurrencyReached(run: LevelRun): number | null {
  const fromUs = run.windowStartUs;
  const toUs = run.windowEndUs > fromUs ? run.windowEndUs : run.endUs;
  if (toUs <= fromUs || !run.records.some((record) => record.counted)) return null;
  let busyUs = 0;
  for (const { sentUs, endUs } of run.records) {
    if (sentUs !== null) busyUs += Math.max(0, Math.min(endUs, toUs) - Math.max(sentUs, fromUs));
  }
  return busyUs / (toUs - fromUs);
}
