import type { LevelRun } from '../model/index.ts';

/** Values of a stretch of time: where half of them and 90 % of them lie. */
export interface TimeBand {
  /** Middle of the stretch, seconds since the window opened. */
  atS: number;
  count: number;
  p50: number;
  p90: number;
  max: number;
}

/** TTFT over time: each request where they are few, else stretches of time. */
export type TtftOverTime =
  | { kind: 'requests'; points: { atS: number; ms: number }[] }
  | { kind: 'bands'; bands: TimeBand[] };

/** More points than this hide each other. */
const mostPoints = 400;

/**
 * TTFT of the counted successes in order of intended time; above 400 of them as quantiles of
 * stretches that hold the same number of requests each.
 */
export function ttftOverTime(run: LevelRun, stretches = 60): TtftOverTime {
  const points: { atS: number; ms: number }[] = [];
  for (const { counted, outcome, intendedUs, firstTokenUs } of run.records) {
    if (!counted || outcome !== 'ok' || firstTokenUs === null) continue;
    points.push({
      atS: (intendedUs - run.windowStartUs) / 1e6,
      ms: (firstTokenUs - intendedUs) / 1000,
    });
  }
  points.sort((a, b) => a.atS - b.atS);
  if (points.length <= mostPoints) return { kind: 'requests', points };
  const bands = Array.from({ length: stretches }, (_, i): TimeBand => {
    const from = Math.floor((i * points.length) / stretches);
    const to = Math.floor(((i + 1) * points.length) / stretches);
    const part = points.slice(from, to);
    const sorted = part.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
    const middle = part[part.length >> 1] as { atS: number };
    return { atS: middle.atS, count: part.length, p50: at(0.5), p90: at(0.9), max: at(1) };
  });
  return { kind: 'bands', bands };
}
