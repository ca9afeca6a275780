import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/index.ts';
import {
  type BudgetLeft,
  budgetReachedCode,
  type Finding,
  type LevelPlan,
  type LevelRun,
  type PlannedRequest,
  type RequestRecord,
  type Sender,
} from '../model/index.ts';
import { createPurse } from './purse.ts';
import { createSlots } from './slots.ts';

export interface RunLevelOptions {
  plan: LevelPlan;
  /** 0-based level; -1 for warm-up and probes. */
  level: number;
  clock: Clock;
  sender: Sender;
  /** The run's origin on `clock`. */
  originUs: number;
  /** Prefix of the request ids: run id and phase. */
  idPrefix: string;
  /** Ends the level early; what was measured is kept, `status: partial`. */
  signal: AbortSignal;
  /** Arrivals after the counted ones until these have ended; false for warm-up and probes. */
  tail: boolean;
  onSend?(inFlight: number): void;
  onRecord?(record: RequestRecord, inFlight: number): void;
  /**
   * False: `records` of the result, and what `stopEarly` sees, end with the first that succeeded;
   * for a caller that keeps them by itself. Default true.
   */
  keepRecords?: boolean;
  /**
   * Asked before a send that follows another without a pause: null, or a wait in which the thread
   * reads its sockets. On a virtual clock, where sending takes no time, there is no need.
   */
  breathe?(): Promise<void> | null;
  /** Nothing is sent that might not fit any more; what is in flight then ends as it would. */
  budget?: BudgetLeft;
  /** Asked after every record: a reason ends the level early with this finding. */
  stopEarly?(records: readonly RequestRecord[]): Finding | null;
}

/**
 * Runs one level of load: open loop (each request is sent at its intended time, whatever the
 * server does) or closed loop (a fixed number of callers, each waiting for its reply).
 *
 * Nothing is re-anchored: intended times are absolute, a late send keeps its intended time, and
 * the wait for a slot under `maxConcurrency` is part of the response latency. Counted requests
 * are those inside the plan's window; the tail behind them keeps the load up until the last
 * counted one has ended, and is then cancelled.
 */
export async function runLevel(options: RunLevelOptions): Promise<LevelRun> {
  const { plan, level, clock, sender, originUs } = options;
  const startUs = clock.nowUs();
  const records: RequestRecord[] = [];
  const findings: Finding[] = [];
  const inFlight = new Set<Promise<void>>();
  // Aborts sleeping and sending alike: by the caller, by evidence, or because the level is over.
  const stop = new AbortController();
  // One listener for every request in flight, and there may be thousands.
  setMaxListeners(0, stop.signal);
  const onAbort = () => stop.abort(options.signal.reason);
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });

  // A closed loop that a duration limits learns how many it counted only when the time is over.
  const openEnded = plan.load.kind === 'closed' && plan.durationUs !== null;
  let countedTotal = openEnded ? Number.POSITIVE_INFINITY : plan.countedRequests;
  let countedSent = 0;
  let countedEnded = 0;
  let lastCountedEndUs = startUs;
  let lastIntendedUs = startUs;
  let over = false;
  let succeeded = false;
  const purse = options.budget === undefined ? null : createPurse(options.budget);
  let isSpent = false;

  /** Whether the request may be sent; once one may not, none is. */
  const isPaidFor = (request: PlannedRequest): boolean => {
    if (purse === null) return true;
    isSpent ||= !purse.take(request);
    if (isSpent && findings.length === 0) findings.push(budgetReached);
    return !isSpent;
  };

  const endIfDone = () => {
    if (countedEnded < countedTotal || over) return;
    over = true;
    stop.abort(levelOver);
  };

  const launch = (
    request: PlannedRequest,
    promptText: string,
    intendedUs: number,
    counted: boolean,
    ended: () => void,
  ) => {
    options.onSend?.(inFlight.size + 1);
    const sending = sender
      .send(request, {
        level,
        requestId: `${options.idPrefix}-${request.index}`,
        intendedUs,
        counted,
        originUs,
        promptText,
        signal: stop.signal,
      })
      .then((record) => {
        inFlight.delete(sending);
        purse?.settle(record);
        if (!succeeded || options.keepRecords !== false) records.push(record);
        succeeded ||= record.outcome === 'ok';
        options.onRecord?.(record, inFlight.size);
        if (counted) {
          countedEnded += 1;
          lastCountedEndUs = Math.max(lastCountedEndUs, record.endUs + originUs);
        }
        const reason = over ? null : (options.stopEarly?.(records) ?? null);
        if (reason !== null && !stop.signal.aborted) {
          findings.push(reason);
          stop.abort(levelOver);
        }
        endIfDone();
        ended();
      });
    inFlight.add(sending);
  };

  const isCounted = (index: number, offsetUs: number) =>
    index < plan.countedRequests && (!openEnded || offsetUs < (plan.durationUs ?? 0));

  if (plan.load.kind === 'open') await runOpen();
  else await runClosed();

  await Promise.allSettled(inFlight);
  options.signal.removeEventListener('abort', onAbort);

  const endUs = Math.round(Math.max(lastCountedEndUs, startUs) - originUs);
  const windowStartUs = Math.round(startUs - originUs);
  const windowEndUs =
    isSpent || plan.durationUs === null || (openEnded && countedSent >= plan.countedRequests)
      ? Math.round(lastIntendedUs - originUs) + 1
      : Math.round(startUs - originUs + plan.durationUs);
  return {
    index: level,
    load: plan.load,
    startUs: windowStartUs,
    windowStartUs,
    windowEndUs,
    endUs,
    planHash: plan.hash,
    requestsPlanned: openEnded ? countedSent : plan.countedRequests,
    status: over ? 'complete' : 'partial',
    records: records.sort((a, b) => a.index - b.index),
    findings,
  };

  async function runOpen(): Promise<void> {
    const slots = createSlots(plan.load.maxConcurrency);
    let next = plan.at(0);
    let text = plan.promptText(next);
    for (let index = 0; ; ) {
      const offsetUs = next.intendedUs ?? 0;
      const counted = isCounted(index, offsetUs);
      if (!counted && !options.tail) return waitForCounted();
      const isDue = clock.nowUs() >= startUs + offsetUs;
      try {
        await clock.sleepUntil(startUs + offsetUs, stop.signal);
      } catch {
        slots.clear();
        return;
      }
      if (isDue) await options.breathe?.();
      if (stop.signal.aborted) return;
      const request = next;
      const promptText = text;
      if (!isPaidFor(request)) return;
      const intendedUs = startUs + offsetUs;
      if (counted) lastIntendedUs = intendedUs;
      slots.take(() => {
        // A queued send whose level is over has not happened: there is nothing to record.
        if (stop.signal.aborted) slots.release();
        else launch(request, promptText, intendedUs, counted, () => slots.release());
      });
      index += 1;
      // Built now, while nothing is due, so that sending is only sending.
      next = plan.at(index);
      text = plan.promptText(next);
    }
  }

  async function runClosed(): Promise<void> {
    let index = 0;
    const callers = Math.max(1, plan.load.maxConcurrency ?? 1);
    // One after the other: many callers may be free at once.
    let turn: Promise<unknown> | undefined = options.breathe && Promise.resolve();
    const caller = async (): Promise<void> => {
      for (;;) {
        if (turn) {
          turn = turn.then(options.breathe);
          await turn;
        }
        if (stop.signal.aborted) return;
        const intendedUs = clock.nowUs();
        const counted = isCounted(index, intendedUs - startUs);
        if (!counted && countedTotal === Number.POSITIVE_INFINITY) {
          countedTotal = countedSent;
          endIfDone();
        }
        if (!counted && !options.tail) return;
        const request = plan.at(index);
        if (!isPaidFor(request)) return;
        index += 1;
        if (counted) {
          lastIntendedUs = intendedUs;
          countedSent += 1;
        }
        await new Promise<void>((resolve) => {
          launch(request, plan.promptText(request), intendedUs, counted, resolve);
        });
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }

  async function waitForCounted(): Promise<void> {
    while (inFlight.size > 0 && !stop.signal.aborted) await Promise.race(inFlight);
  }
}

const levelOver = new Error('the level is over');

const budgetReached: Finding = {
  code: budgetReachedCode,
  severity: 'warning',
  message:
    'ended early: the next request might have gone beyond the budget. What was sent has ended, and counts.',
};
