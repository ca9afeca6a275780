/** How requests arrive at one level of load. */
export type ArrivalSpec =
  | { kind: 'poisson' }
  | { kind: 'constant' }
  /** Gaps are gamma distributed; shape 1 is Poisson, below 1 burstier, above 1 more regular. */
  | { kind: 'gamma'; shape: number };

/** What was asked of a level. `null` means "not part of this load". */
export interface LoadSpec {
  /** open: sends follow the clock; closed: a send waits for a reply. */
  kind: 'open' | 'closed';
  /** Mean offered rate of an open loop, requests per second. */
  rateRps: number | null;
  /** `--concurrency`: the time-average in-flight that the rate was calibrated to. */
  concurrencyAsked: number | null;
  /** Cap on requests in flight; the number of callers of a closed loop. */
  maxConcurrency: number | null;
  /** `poisson`, `constant`, `gamma:0.5`; null for a closed loop. */
  arrival: string | null;
}

export function formatArrival(arrival: ArrivalSpec): string {
  return arrival.kind === 'gamma' ? `gamma:${arrival.shape}` : arrival.kind;
}

/** One line for tables and logs: `open 2.5 req/s poisson`, `closed 8`. */
export function formatLoad(load: LoadSpec): string {
  if (load.kind === 'closed') return `closed, ${load.maxConcurrency} in flight`;
  const rate = load.rateRps === null ? '?' : formatRate(load.rateRps);
  const cap = load.maxConcurrency === null ? '' : `, at most ${load.maxConcurrency} in flight`;
  const asked = load.concurrencyAsked === null ? '' : ` (for concurrency ${load.concurrencyAsked})`;
  return `open, ${rate} req/s ${load.arrival ?? ''}${asked}${cap}`;
}

export function formatRate(rateRps: number): string {
  return rateRps >= 100 ? rateRps.toFixed(0) : String(Number(rateRps.toPrecision(3)));
}
