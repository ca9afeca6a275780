import { sleepMs } from '../core/index.ts';
import {
  budgetReachedCode,
  type Finding,
  type GateOutcome,
  type LevelPlan,
  type LevelRun,
  type RequestRecord,
} from '../model/index.ts';
import { unboundedRequests } from '../workload/index.ts';
import type { ProtocolContext } from './context.ts';
import { isOverloaded, judgeKeepingUp, overloadedCode } from './keeping-up.ts';
import { type LeadInView, leadInOutcome, lookAtLeadIn } from './lead-in.ts';
import { runLoad } from './run-load.ts';
import type { Flights } from './trend.ts';

export interface WindowOptions {
  /** An open-loop plan: how long its window is, and what arrives. */
  plan: LevelPlan;
  index: number;
  name: string;
  /** Longest lead-in, seconds; null = none, the first arrival is counted. */
  leadInLimitS: number | null;
  /**
   * Asked when every counted request has ended: seconds to go on, 0 = enough. Never asked where
   * the plan counts requests rather than time.
   */
  extendS?(counted: readonly RequestRecord[], lengthS: number): number;
  /** Ends the level once its queue is seen to grow. */
  stopOverload: boolean;
  onSend?(inFlight: number): void;
  onRecord?(record: RequestRecord, inFlight: number): void;
  /** `counted` of a record that was handed on is another now: the window was found, or extended. */
  onRecounted?(record: RequestRecord): void;
}

export interface WindowedRun {
  run: LevelRun;
  /** Null without a lead-in. */
  leadIn: GateOutcome | null;
  /** The queue grew in the lead-in already. */
  overloadedInLeadIn: boolean;
}

/**
 * One open-loop level as a single, uninterrupted process of arrivals: an uncounted lead-in until
 * the level has settled, then the counted window, then an uncounted tail until the last counted
 * request has ended. Where the window begins and ends is decided here, from the records as they
 * come, so that it is the same wherever the load itself runs (this thread, others, virtual time);
 * the load only goes on until it is stopped.
 */
export async function runWindow(
  context: ProtocolContext,
  options: WindowOptions,
): Promise<WindowedRun> {
  const { clock, originUs } = context;
  const { plan } = options;
  const over = new AbortController();
  const onAbort = () => over.abort(context.signal.reason);
  if (context.signal.aborted) onAbort();
  context.signal.addEventListener('abort', onAbort, { once: true });

  const offsetUs = (index: number) => plan.at(index).intendedUs ?? 0;
  /** First request that is wanted at or after a moment of this load. */
  const indexAt = (relUs: number, from: number) => {
    let index = from;
    while (offsetUs(index) < relUs) index += 1;
    return index;
  };
  const relNow = () => clock.nowUs() - originUs;

  const ended: RequestRecord[] = [];
  let startUs = relNow();
  let startKnown = false;
  let view: LeadInView | null = null;
  let leadIn: GateOutcome | null = null;
  let nextLook = 30;
  /** Counted are the requests [first, end). */
  let first: number | null = null;
  let end: number | null = null;
  let windowStartUs = 0;
  let windowEndUs = 0;
  let outstanding = 0;
  let done = false;
  let overloaded: string | null = null;
  let nextOverloadLook = 0;
  let overloadSigns = 0;

  const isCounted = (index: number) =>
    first !== null && index >= first && (end === null || index < end);

  function flightsNow(): Flights {
    const wanted = indexAt(relNow() - startUs, 0);
    const intendedUs = Array.from({ length: wanted }, (_, i) => startUs + offsetUs(i));
    const endUs = new Array<number>(wanted).fill(Number.POSITIVE_INFINITY);
    for (const record of ended) {
      if (record.index < wanted) endUs[record.index] = record.endUs;
    }
    return { intendedUs, endUs };
  }

  function openWindow(passed: boolean): void {
    const nowUs = relNow();
    if (options.leadInLimitS !== null) {
      const seen = view ?? lookAtLeadIn({ startUs, nowUs, ended, flights: flightsNow() });
      leadIn = leadInOutcome(seen, passed, ended.length, (nowUs - startUs) / 1e6);
    }
    windowStartUs = options.leadInLimitS === null ? startUs : nowUs;
    first = indexAt(windowStartUs - startUs, 0);
    if (plan.durationUs === null) {
      setEnd(first + plan.countedRequests);
      windowEndUs = startUs + offsetUs((end as number) - 1) + 1;
    } else {
      windowEndUs = windowStartUs + plan.durationUs;
      // Where nothing arrives within the duration, the first that does is counted.
      setEnd(Math.max(first + 1, indexAt(windowEndUs - startUs, first)));
      windowEndUs = Math.max(windowEndUs, startUs + offsetUs((end as number) - 1) + 1);
    }
  }

  /** Counts what has ended already of a window that now reaches further. */
  function setEnd(index: number): void {
    const from = end ?? (first as number);
    outstanding += index - from;
    end = index;
    for (const record of ended) {
      if (record.index < from || record.index >= index) continue;
      outstanding -= 1;
      record.counted = true;
      options.onRecounted?.(record);
    }
  }

  function finishIfDone(): void {
    while (outstanding === 0 && !done && first !== null && end !== null) {
      const lengthS = (windowEndUs - windowStartUs) / 1e6;
      const counted = ended.filter((record) => record.counted);
      const moreS = plan.durationUs === null ? 0 : (options.extendS?.(counted, lengthS) ?? 0);
      if (moreS > 0) {
        windowEndUs += moreS * 1e6;
        setEnd(Math.max(end, indexAt(windowEndUs - startUs, end)));
      } else {
        done = true;
        over.abort(new Error('the level is over'));
      }
    }
  }

  function watchLeadIn(): void {
    if (first !== null || ended.length < nextLook) return;
    nextLook = Math.max(ended.length + 1, Math.ceil(ended.length * 1.05));
    view = lookAtLeadIn({ startUs, nowUs: relNow(), ended, flights: flightsNow() });
    if (view.settled) openWindow(true);
    else if (view.overloaded && options.stopOverload) openWindow(false);
  }

  /** Three looks in a row, a twentieth of the level apart, have to say the same. */
  function watchOverload(): void {
    if (!options.stopOverload || first === null || over.signal.aborted) return;
    const nowUs = relNow();
    if (nowUs < nextOverloadLook) return;
    nextOverloadLook = nowUs + Math.max(250_000, (windowEndUs - windowStartUs) / 20);
    const flights = flightsNow();
    overloadSigns = isOverloaded(flights, windowStartUs, nowUs) ? overloadSigns + 1 : 0;
    if (overloadSigns < 3) return;
    overloaded = judgeKeepingUp(flights, windowStartUs, nowUs).reason;
    windowEndUs = nowUs;
    over.abort(new Error('the level is overloaded'));
  }

  if (options.leadInLimitS !== null) {
    void sleepMs(clock, options.leadInLimitS * 1000, over.signal).then(
      () => {
        if (first === null) openWindow(false);
      },
      () => {},
    );
  }

  const loaded = await runLoad(
    { ...context, signal: over.signal },
    {
      plan: { ...plan, countedRequests: unboundedRequests, durationUs: null },
      level: options.index,
      name: options.name,
      tail: true,
      stopRule: 'level-failed',
      onSend(inFlight) {
        options.onSend?.(inFlight);
        watchOverload();
      },
      onRecord(record, inFlight) {
        if (!startKnown) {
          startUs = record.intendedUs - offsetUs(record.index);
          startKnown = true;
          if (options.leadInLimitS === null) openWindow(true);
        }
        record.counted = isCounted(record.index);
        if (record.counted) outstanding -= 1;
        ended.push(record);
        options.onRecord?.(record, inFlight);
        if (over.signal.aborted) return;
        watchLeadIn();
        watchOverload();
        finishIfDone();
      },
    },
  );
  over.abort(new Error('the level is over'));
  context.signal.removeEventListener('abort', onAbort);
  const nowUs = relNow();
  const allFailed = first === null && loaded.findings.length > 0;
  if (first === null) {
    // Ended within the lead-in: nothing is counted, unless that every request failed.
    first = 0;
    end = allFailed ? indexAt(nowUs - startUs, 0) : 0;
    windowStartUs = startUs;
  }
  if (!done) {
    windowEndUs = Math.max(windowStartUs + 1, Math.min(windowEndUs, spentUs(loaded) ?? nowUs));
    if (allFailed) windowEndUs = nowUs;
  }
  for (const record of loaded.records) {
    if (record.counted === isCounted(record.index)) continue;
    record.counted = isCounted(record.index);
    options.onRecounted?.(record);
  }
  const counted = loaded.records.filter((record) => record.counted);
  const lastEndUs = counted.reduce((last, record) => Math.max(last, record.endUs), windowStartUs);
  return {
    run: {
      ...loaded,
      windowStartUs: Math.round(windowStartUs),
      windowEndUs: Math.round(windowEndUs),
      endUs: lastEndUs,
      requestsPlanned: done ? (end as number) - first : plan.countedRequests,
      status: done ? 'complete' : 'partial',
      findings: [...loaded.findings, ...(overloaded === null ? [] : [overloadFinding(overloaded)])],
    },
    leadIn,
    overloadedInLeadIn: leadIn !== null && (view as LeadInView | null)?.overloaded === true,
  };
}

/** Where a budget ended the sends, just behind the last; null = none did. */
function spentUs({ findings, records }: LevelRun): number | null {
  if (!findings.some(({ code }) => code === budgetReachedCode)) return null;
  return records.reduce((last, record) => Math.max(last, record.intendedUs), 0) + 1;
}

function overloadFinding(reason: string): Finding {
  return {
    code: overloadedCode,
    severity: 'warning',
    message: `stopped early, the queue grows: ${reason}. Latencies of such a level depend on its length.`,
  };
}
