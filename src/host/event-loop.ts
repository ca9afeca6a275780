import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

/** How late this process itself was, over the time watched; null where nothing was seen. */
export interface EventLoopFigures {
  /** How much later than due a 5 ms timer ran; timers count whole milliseconds, so 1 is the floor. */
  p99Ms: number | null;
  maxMs: number | null;
  /** Longest garbage collection on the main thread; 0 when there was none. */
  gcMaxPauseMs: number;
}

export interface EventLoopWatch {
  /** The figures so far. */
  read(): EventLoopFigures;
  /** Ends the watch; returns the figures. Calling it again returns the same ones. */
  stop(): EventLoopFigures;
}

const resolutionMs = 5;

/** Watches event loop delay and garbage collection of this process until stopped. */
export function watchEventLoop(): EventLoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  let gcMaxPauseMs = 0;
  const take = (entries: readonly PerformanceEntry[]) => {
    for (const { duration } of entries) gcMaxPauseMs = Math.max(gcMaxPauseMs, duration);
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  histogram.enable();

  // Node records the whole interval between two firings, the resolution included.
  const delayMs = (intervalNs: number) => Math.max(0, intervalNs / 1e6 - resolutionMs);
  const read = (): EventLoopFigures => {
    take(observer.takeRecords());
    if (histogram.count === 0) return { p99Ms: null, maxMs: null, gcMaxPauseMs };
    return {
      p99Ms: delayMs(histogram.percentile(99)),
      maxMs: delayMs(histogram.max),
      gcMaxPauseMs,
    };
  };
  let final: EventLoopFigures | undefined;
  const stop = () => {
    if (final) return final;
    final = read();
    histogram.disable();
    observer.disconnect();
    return final;
  };
  return { read, stop };
}
