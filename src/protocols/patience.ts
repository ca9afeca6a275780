import { type Clock, sleepMs } from '../core/index.ts';
import {
  type EmitRunEvent,
  type Finding,
  limitToldOf,
  type RequestRecord,
} from '../model/index.ts';

/** Longest that a server's Retry-After is heeded for, seconds. */
export const longestWaitS = 60;

/**
 * Remembers when a server said that it wants to be asked again. Nothing is sent again, and nothing
 * waits inside a measurement: it is waited between two pieces of load, so that what one was refused
 * does not go on in the next.
 */
export interface Patience {
  /** What a piece of load came to. @param originUs of the records' stamps, on the clock */
  note(records: readonly RequestRecord[], originUs: number): void;
  /** Waits, if the server wants that, at most `longestWaitS`; ends early when aborted. */
  wait(emit: EmitRunEvent, signal: AbortSignal): Promise<void>;
  findings(): Finding[];
}

export function createPatience(clock: Clock): Patience {
  let againUs = Number.NEGATIVE_INFINITY;
  let waits = 0;
  let waitedS = 0;
  let longestAskedS = 0;
  return {
    note(records, originUs) {
      for (const record of records) {
        const afterS = limitToldOf(record)?.retryAfterS ?? null;
        if (afterS === null) continue;
        againUs = Math.max(againUs, originUs + record.endUs + afterS * 1e6);
      }
    },
    async wait(emit, signal) {
      const askedS = (againUs - clock.nowUs()) / 1e6;
      againUs = Number.NEGATIVE_INFINITY;
      if (!(askedS > 0) || signal.aborted) return;
      longestAskedS = Math.max(longestAskedS, askedS);
      const seconds = Math.min(longestWaitS, askedS);
      const asked = `${Number(askedS.toPrecision(2))} s`;
      emit({
        kind: 'log',
        message:
          askedS > longestWaitS
            ? `the server asks for ${asked} without requests (Retry-After); waiting ${longestWaitS} s, no longer`
            : `waiting ${asked}, as the server asks (Retry-After)`,
      });
      waits += 1;
      const startUs = clock.nowUs();
      await sleepMs(clock, seconds * 1000, signal).catch(() => {});
      waitedS += (clock.nowUs() - startUs) / 1e6;
    },
    findings() {
      if (waits === 0) return [];
      const times = waits === 1 ? 'once' : `${waits} times`;
      const toolong =
        longestAskedS > longestWaitS
          ? ` It asked for up to ${Math.round(longestAskedS)} s; what came then may have met the same limit.`
          : '';
      return [
        {
          code: 'waited-for-limit',
          severity: 'info',
          message: `waited ${times} between pieces of load, ${Number(waitedS.toPrecision(2))} s in all, because the server asked for it (Retry-After).${toolong}`,
        },
      ];
    },
  };
}
