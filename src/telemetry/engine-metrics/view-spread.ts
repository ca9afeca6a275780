import type { TimeTotal, ViewQuantile, ViewSpread } from '../../model/index.ts';

/** Requests at least on either side of a percentile, for it to be more than one request's fate. */
const beyond = 5;
const percentiles = [0.5, 0.9, 0.99];
/** Clocks and one event loop: so much earlier a client may be, milliseconds. */
const slackMs = 3;

/**
 * The client's waits beside the buckets of the engine's histogram, over the same requests. A percentile
 * is the wait of the request of that rank (nearest rank), on both sides: the engine's lies in the bucket
 * that holds the rank.
 *
 * @returns null without buckets
 */
export function spreadOf(waitsMs: readonly number[], engine: TimeTotal): ViewSpread | null {
  const { buckets, count } = engine;
  if (buckets === undefined) return null;
  const sorted = [...waitsMs].sort((a, b) => a - b);
  const fewest = Math.min(sorted.length, count);
  const quantiles = percentiles
    .filter((p) => fewest * (1 - p) >= beyond)
    .map((p): ViewQuantile => {
      const at = buckets.findIndex((bucket) => bucket.count >= Math.ceil(p * count));
      const bucket = at < 0 ? undefined : buckets[at];
      const before = buckets[(at < 0 ? buckets.length : at) - 1];
      return {
        p,
        clientMs: sorted[Math.ceil(p * sorted.length) - 1] ?? 0,
        engineLowMs: 1000 * (before?.upToS ?? 0),
        engineHighMs: bucket === undefined ? null : 1000 * bucket.upToS,
      };
    });
  return { quantiles, ahead: aheadOf(sorted, buckets) };
}

function aheadOf(
  sorted: readonly number[],
  buckets: NonNullable<TimeTotal['buckets']>,
): ViewSpread['ahead'] {
  let most: ViewSpread['ahead'] = null;
  let by = 0;
  for (const { upToS, count } of buckets) {
    const upToMs = 1000 * upToS;
    const clientRequests = sorted.filter((waitMs) => waitMs <= upToMs - slackMs).length;
    if (clientRequests - count <= by) continue;
    by = clientRequests - count;
    most = { upToMs, engineRequests: count, clientRequests };
  }
  return most;
}
