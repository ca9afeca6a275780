import type { Cell } from './cells.ts';
import type { Pair } from './figures.ts';
import { quantile, seededUniform, sorted } from './statistics.ts';
import type { Truth } from './truth.ts';

/**
 * The p99 of E2E, counted from the intended send, that an ideal client would have reported: its
 * own schedule where it tells one, else the median over many Poisson schedules, through a first
 * come, first served queue for the places in flight and the server's freeze as it was logged.
 */
export function frozenP99Ms(cell: Cell, truth: Truth, pairs: readonly Pair[]): number {
  const { freezeMs } = truth;
  if (freezeMs === null || cell.load.kind !== 'open') return Number.NaN;
  const { rateRps } = cell.load;
  const own = ownSchedule(pairs);
  if (own !== null) return p99(simulate(cell, own, freezeMs));
  const firstMs = Math.min(...pairs.map((pair) => pair.truth.receivedMs));
  const p99s = Array.from({ length: 201 }, (_, seed) => {
    const uniform = seededUniform(seed + 1);
    let at = firstMs;
    const schedule = pairs.map(() => {
      at += (-Math.log(1 - uniform()) / rateRps) * 1000;
      return at;
    });
    return p99(simulate(cell, schedule, freezeMs));
  });
  return quantile(sorted(p99s), 0.5);
}

const p99 = (values: readonly number[]) => quantile(sorted(values), 0.99);

/** The client's intended times on the mock's clock: a send takes at least no time to arrive. */
function ownSchedule(pairs: readonly Pair[]): number[] | null {
  let shift = Number.POSITIVE_INFINITY;
  for (const { said, truth } of pairs) {
    if (said.sentMs === null || said.intendedMs === null) return null;
    shift = Math.min(shift, truth.receivedMs - said.sentMs);
  }
  return pairs.map(({ said }) => (said.intendedMs ?? 0) + shift).sort((a, b) => a - b);
}

/** E2E of each request from its intended time, milliseconds. */
function simulate(
  cell: Cell,
  schedule: readonly number[],
  freeze: { from: number; to: number },
): number[] {
  const { prefillMs, itlMs } = cell.server;
  const cap = cell.load.kind === 'open' ? (cell.load.cap ?? schedule.length) : schedule.length;
  const thaw = (at: number) => (at >= freeze.from && at < freeze.to ? freeze.to : at);
  /** When each place becomes free. */
  const free = new Float64Array(Math.min(cap, schedule.length));
  return schedule.map((intended) => {
    let place = 0;
    for (let i = 1; i < free.length; i++) {
      if ((free[i] ?? 0) < (free[place] ?? 0)) place = i;
    }
    const sent = Math.max(intended, free[place] ?? 0);
    // The mock takes a request in when it is awake and keeps to its schedule from then on.
    const end = thaw(thaw(sent) + prefillMs + (cell.outputTokens - 1) * itlMs);
    free[place] = end;
    return end - intended;
  });
}
