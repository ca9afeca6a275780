import type { Clock } from '../core/index.ts';

/** setTimeout counts whole milliseconds and adds up to one: short sleeps take over this long before. */
const handOverUs = 2_000;
/** Longest sleep before a send that is due, microseconds. */
const shortNapUs = 100;
/** setTimeout fires at once above 2^31 - 1 ms. */
const longestTimerMs = 2 ** 30;

export interface PacerOptions {
  /** Added to this thread's `performance.now()`: where its zero lies on the clock to be kept. */
  offsetUs?: number;
  /** Told of each sleep that ended: how late, microseconds. */
  onLag?(lagUs: number): void;
  /**
   * Told of each turn of the event loop, microseconds of work between two polls of the sockets:
   * from the end of a nap or, where the loop slept in the kernel, from the turn's first look at
   * this clock. What came in during a turn was stamped late by at most that.
   */
  onTurn?(turnUs: number): void;
  /** Told of the time between two polls, microseconds: the same with the nap behind it. */
  onAway?(awayUs: number): void;
}

/** A clock for a thread of its own that keeps an absolute schedule to fractions of a millisecond. */
export interface Pacer extends Clock {
  /**
   * The loop naps for so long, microseconds, and polls also when nothing is due: one poll then
   * serves all reads of that time, for less CPU and stamps that may be so much later; an idle loop
   * pays about an eighth of a core for naps of 100. 0: it sleeps in the kernel again.
   */
  setPolling(napUs: number): void;
  /**
   * Ends every sleep that is due now; returns whether one was. For callbacks that run for other
   * reasons, such as a socket read in a long burst.
   */
  check(): boolean;
  /** Time slept in naps so far, microseconds: the event loop counts it as work, it is none. */
  napUs(): number;
}

interface Sleeper {
  atUs: number;
  wake(): void;
}

/**
 * Timer until 2 ms before the instant, then naps of at most 0.1 ms (`Atomics.wait`, which takes
 * fractions of a millisecond), with a poll of the sockets after each. Node's timers alone are 1 to
 * 2 ms late; spinning would take the core that the streams need. Sleeps never end early, and a
 * sleep that is due ends in the order of due times, all of them in the same turn.
 *
 * Blocks its thread while it naps: use it where nothing else has to run.
 */
export function createPacer(options: PacerOptions = {}): Pacer {
  const { offsetUs = 0, onLag, onTurn, onAway } = options;
  const nowUs = () => performance.now() * 1000 + offsetUs;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  /** By due time, earliest last. */
  const sleepers: Sleeper[] = [];
  let timer: NodeJS.Timeout | null = null;
  let immediate: NodeJS.Immediate | null = null;
  let pollingUs = 0;
  let napped = 0;
  /** End of the last nap; 0 when the loop has slept in the kernel since. */
  let turnStartUs = 0;
  /** First look at the clock in a turn that no nap began; 0 outside of one. */
  let firstLookUs = 0;

  function look(): number {
    const now = nowUs();
    if (onTurn && firstLookUs === 0 && turnStartUs === 0 && immediate === null) {
      firstLookUs = now;
      setImmediate(endTurn);
    }
    return now;
  }

  function endTurn(): void {
    const turnUs = nowUs() - firstLookUs;
    onTurn?.(turnUs);
    onAway?.(turnUs);
    firstLookUs = 0;
  }

  function wakeDue(now: number): boolean {
    let woke = false;
    for (let next = sleepers.at(-1); next && next.atUs <= now; next = sleepers.at(-1)) {
      sleepers.pop();
      onLag?.(now - next.atUs);
      next.wake();
      woke = true;
    }
    return woke;
  }

  function nap(now: number): number {
    const dueUs = sleepers.at(-1)?.atUs ?? Number.POSITIVE_INFINITY;
    const us = Math.min(pollingUs === 0 ? shortNapUs : pollingUs, dueUs - now);
    if (us > 0) Atomics.wait(cell, 0, 0, us / 1000);
    const woken = nowUs();
    napped += woken - now;
    return woken;
  }

  function turn(): void {
    immediate = null;
    timer = null;
    let now = nowUs();
    const awaySinceUs = turnStartUs > 0 ? turnStartUs : now;
    if (turnStartUs > 0) onTurn?.(now - turnStartUs);
    turnStartUs = 0;
    if (!wakeDue(now) && isClose(now)) {
      now = nap(now);
      turnStartUs = now;
      // What became due during the nap goes out before the sockets are read.
      wakeDue(now);
    } else if (pollingUs > 0) {
      turnStartUs = now;
    }
    onAway?.(now - awaySinceUs);
    arm(now);
  }

  function isClose(now: number): boolean {
    const next = sleepers.at(-1);
    return pollingUs > 0 || (next !== undefined && next.atUs - now <= handOverUs + 1000);
  }

  function arm(now: number): void {
    if (immediate !== null) return;
    if (isClose(now)) {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      immediate = setImmediate(turn);
      return;
    }
    if (turnStartUs > 0) {
      // From here the loop sleeps in the kernel, where a byte wakes it at once: only what is left of
      // this turn counts as time away from the sockets.
      if (firstLookUs === 0) {
        firstLookUs = turnStartUs;
        setImmediate(endTurn);
      }
      turnStartUs = 0;
    }
    const next = sleepers.at(-1);
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (next === undefined) return;
    const ms = Math.floor((next.atUs - now - handOverUs) / 1000);
    timer = setTimeout(turn, Math.min(ms, longestTimerMs));
  }

  function insert(sleeper: Sleeper): void {
    let at = sleepers.length;
    // The latest request to sleep is nearly always the latest to be due.
    if (at > 0 && (sleepers[0] as Sleeper).atUs <= sleeper.atUs) at = 0;
    else while (at > 0 && (sleepers[at - 1] as Sleeper).atUs <= sleeper.atUs) at -= 1;
    sleepers.splice(at, 0, sleeper);
  }

  return {
    nowUs: look,
    wallMs: () => Date.now(),
    sleepUntil(atUs, signal) {
      if (signal?.aborted) return Promise.reject(reasonOf(signal));
      const now = nowUs();
      if (atUs <= now) {
        onLag?.(now - atUs);
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const sleeper: Sleeper = {
          atUs,
          wake() {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const onAbort = () => {
          const at = sleepers.indexOf(sleeper);
          if (at >= 0) sleepers.splice(at, 1);
          reject(reasonOf(signal as AbortSignal));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        insert(sleeper);
        if (sleepers.at(-1) === sleeper) arm(now);
      });
    },
    setPolling(napUs) {
      pollingUs = napUs;
      arm(nowUs());
    },
    check: () => wakeDue(nowUs()),
    napUs: () => napped,
  };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
