import type { LevelSummary } from '../../model/index.ts';

/** What the levels differ in: the horizontal axis of every chart over load. */
export interface LoadAxis {
  label: string;
  /** The axis is a planned rate, on which a knee can stand. */
  isRate: boolean;
  valueOf: (level: LevelSummary) => number | null;
}

/** Planned rate where all levels are open loop, callers where all are closed, else in flight reached. */
export function chooseLoadAxis(levels: readonly LevelSummary[]): LoadAxis {
  const has = (pick: (level: LevelSummary) => boolean) => levels.length > 0 && levels.every(pick);
  if (has(({ load }) => load.kind === 'open' && load.rateRps !== null)) {
    return {
      ...{ label: 'planned load, requests/s', isRate: true },
      valueOf: ({ load }) => (load.kind === 'open' ? load.rateRps : null),
    };
  }
  if (has(({ load }) => load.kind === 'closed' && load.maxConcurrency !== null)) {
    return {
      ...{ label: 'requests in flight (closed loop)', isRate: false },
      valueOf: ({ load }) => (load.kind === 'closed' ? load.maxConcurrency : null),
    };
  }
  return {
    ...{ label: 'requests in flight, time average', isRate: false },
    valueOf: ({ load }) => load.concurrencyReached,
  };
}

/** A span of load that a linear axis would squeeze into its left edge. */
export function needsLogAxis(levels: readonly LevelSummary[], axis: LoadAxis): boolean {
  const values = levels.map(axis.valueOf).filter((value) => value !== null);
  return values.every((value) => value > 0) && Math.max(...values) > 20 * Math.min(...values);
}
