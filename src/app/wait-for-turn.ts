import { BenchError, type Clock, sleepMs } from '../core/index.ts';
import { type EmitRunEvent, limitToldOf, type RequestRecord } from '../model/index.ts';

/** Longest that preflight waits for a server that limits its callers, seconds, all waits together. */
const longestS = 60;
/** First wait where the server does not say how long, seconds; each further one is twice as long. */
const firstS = 1;

/** Waits between test requests that a server refused for now (429, or a 503 that says until when). */
export interface TurnWaiter {
  /**
   * @returns false: waiting does not help, as the refusal is of another kind.
   * @throws BenchError TARGET_RATE_LIMITED when it would take longer than `longestS`
   */
  wait(record: RequestRecord): Promise<boolean>;
  /** Seconds so far; 0 = never. */
  readonly waitedS: number;
  /** The last refusal that was waited for. */
  readonly refusal: string | null;
}

export function createTurnWaiter(options: {
  url: string;
  clock: Clock;
  signal: AbortSignal;
  emit: EmitRunEvent;
}): TurnWaiter {
  const { url, clock, signal, emit } = options;
  let waitedS = 0;
  let waits = 0;
  let refusal: string | null = null;
  return {
    async wait(record) {
      const askedS = limitToldOf(record)?.retryAfterS ?? null;
      const isLimit = record.outcome === 'rate_limited';
      if (!isLimit && (record.outcome !== 'overloaded' || askedS === null)) return false;
      const seconds = askedS ?? firstS * 2 ** waits;
      if (waitedS + seconds > longestS) {
        // A server that is only busy is measured as it is.
        if (!isLimit) return false;
        throw rateLimited(url, record, askedS, waitedS);
      }
      refusal = record.error;
      const asks = askedS === null ? '' : ' as it asks (Retry-After)';
      emit({
        kind: 'log',
        message: `${url} refuses for now (${record.error}); waiting ${seconds} s${asks}`,
      });
      await sleepMs(clock, seconds * 1000, signal);
      waits += 1;
      // One that says 0 seconds for ever must come to an end as well.
      waitedS += Math.max(seconds, firstS);
      return true;
    },
    get waitedS() {
      return waitedS;
    },
    get refusal() {
      return refusal;
    },
  };
}

function rateLimited(
  url: string,
  record: RequestRecord,
  askedS: number | null,
  waitedS: number,
): BenchError {
  const asks = askedS === null ? '' : `, and asks for ${askedS} s without requests`;
  const waited = waitedS === 0 ? '' : ` after waiting ${waitedS} s`;
  return new BenchError(
    'TARGET_RATE_LIMITED',
    `${url} still limits its callers${waited}: ${record.error}${asks}.`,
    {
      hint: `bench waits ${longestS} s at most before it measures. Try again later, or have the limit raised.`,
    },
  );
}
