import { readFileSync } from 'node:fs';
import {
  type EventLoopUtilization,
  monitorEventLoopDelay,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';
import { getActiveResourcesInfo } from 'node:process';
import type { ThreadFigures } from '../model/index.ts';

/** What a thread of this process did since the watch began; read on that thread. */
export interface ThreadWatch {
  /** @param napUs time of the watch that was slept inside the loop (`Pacer.napUs`) */
  read(napUs?: number): ThreadFigures;
  /**
   * Times of at least 20 ms in which the loop did not come to a timer that was due: it worked, or
   * the thread did not run at all, which it cannot notice itself. Each with how often it occurred.
   */
  stalls(): { ms: number; times: number }[];
  /** Socket events since the last call, per second; null where Node does not tell. */
  eventsPerS(): number | null;
  stop(): void;
}

const resolutionMs = 5;
/** Shorter ones are seen in the turns of the loop. */
const stallMs = 20;

/** Watches the calling thread: its share of a core, waits for one, event loop, garbage. */
export function watchThread(name: string): ThreadWatch {
  const startMs = performance.now();
  const cpuStart = readSchedule();
  const loopStart = performance.eventLoopUtilization();
  const turnsStart = loopCounters();
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  const gc = { count: 0, totalMs: 0, maxMs: 0 };
  const take = (entries: readonly PerformanceEntry[]) => {
    for (const { duration } of entries) {
      gc.count += 1;
      gc.totalMs += duration;
      gc.maxMs = Math.max(gc.maxMs, duration);
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  histogram.enable();
  let counted = { atMs: startMs, events: turnsStart?.events ?? 0 };
  // Node records the whole interval between two firings, the resolution included.
  const delayMs = (intervalNs: number) =>
    histogram.count === 0 ? null : Math.max(0, intervalNs / 1e6 - resolutionMs);

  return {
    read(napUs = 0) {
      take(observer.takeRecords());
      const wallMs = performance.now() - startMs;
      const cpu = readSchedule();
      const share = (key: 'cpuNs' | 'waitNs') =>
        cpu && cpuStart && wallMs > 0 ? (cpu[key] - cpuStart[key]) / 1e6 / wallMs : null;
      const turns = loopCounters();
      return {
        name,
        wallMs,
        cpuShare: share('cpuNs'),
        cpuWaitShare: share('waitNs'),
        loopBusyShare: busyShare(performance.eventLoopUtilization(loopStart), napUs / 1000),
        loopTurns: turns && turnsStart ? turns.loopCount - turnsStart.loopCount : null,
        socketEvents: turns && turnsStart ? turns.events - turnsStart.events : null,
        loopDelayP99Ms: delayMs(histogram.percentile(99)),
        loopDelayMaxMs: delayMs(histogram.max),
        gcPauses: gc.count,
        gcTotalMs: gc.totalMs,
        gcMaxPauseMs: gc.maxMs,
      };
    },
    stalls() {
      const stalls: { ms: number; times: number }[] = [];
      let below = 0;
      for (const [percentile, intervalNs] of histogram.percentiles) {
        const upTo = Math.round((percentile / 100) * histogram.count);
        const ms = intervalNs / 1e6 - resolutionMs;
        if (ms >= stallMs && upTo > below) stalls.push({ ms, times: upTo - below });
        below = Math.max(below, upTo);
      }
      return stalls;
    },
    eventsPerS() {
      const now = loopCounters();
      const atMs = performance.now();
      if (!now || atMs <= counted.atMs) return null;
      const rate = ((now.events - counted.events) * 1000) / (atMs - counted.atMs);
      counted = { atMs, events: now.events };
      return rate;
    },
    stop() {
      histogram.disable();
      observer.disconnect();
    },
  };
}

/** Open TCP connections of the calling thread. */
export function countSockets(): number {
  return getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

function busyShare({ active, idle }: EventLoopUtilization, napMs: number): number | null {
  const total = active + idle;
  return total > 0 ? Math.min(1, Math.max(0, (active - napMs) / total)) : null;
}

interface LoopCounters {
  loopCount: number;
  events: number;
}

function loopCounters(): LoopCounters | null {
  // Node 20.18 and later; its types follow.
  const { uvMetricsInfo } = performance.nodeTiming as unknown as { uvMetricsInfo?: LoopCounters };
  return uvMetricsInfo
    ? { loopCount: uvMetricsInfo.loopCount, events: uvMetricsInfo.events }
    : null;
}

/** Time on a core and time waiting for one, of the calling thread (Documentation/scheduler/sched-stats). */
function readSchedule(): { cpuNs: number; waitNs: number } | null {
  try {
    const [cpuNs, waitNs] = readFileSync('/proc/thread-self/schedstat', 'utf8')
      .split(' ')
      .map(Number);
    return cpuNs !== undefined && waitNs !== undefined ? { cpuNs, waitNs } : null;
  } catch {
    return null;
  }
}
