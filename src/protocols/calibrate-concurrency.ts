import type { LoadProbe } from './probe-capacity.ts';

export interface ConcurrencyCalibration {
  rateRps: number;
  /** False: the asked level needs more than 95 % of capacity; the rate is then 90 % of it. */
  reachable: boolean;
  /** Mean in flight at `rateRps` as the last probe showed it; null when no probe completed. */
  expected: number | null;
  probes: number;
}

export interface CalibrationStart {
  /** Time-average of requests between actual send and end that is wanted. */
  asked: number;
  /** Completions per second under a closed burst of twice the asked level. */
  capacityRps: number;
  /** Mean time of one request alone, seconds. */
  aloneS: number;
  /** Mean time of one request under that burst, seconds. */
  burstS: number;
}

const maxProbes = 3;
const tolerance = 0.1;

/**
 * The open-loop rate whose time-average in flight is `asked`.
 *
 * Little's law gives the level of a probe as rate x mean time in the server, with the nominal
 * rate (the realised one of a short probe is noisy). Between probes the level is modelled as
 * L(r) = s r + q r^2 / (1 - r / mu): the Pollaczek–Khinchine form, exact for M/G/1 and, with
 * q = 0, for a server without a queue. s starts as the time of a lone request; each probe
 * refits q. At most three probes, until within 10 %.
 *
 * @param probe runs a short open-loop probe at a rate
 */
export async function calibrateConcurrency(
  start: CalibrationStart,
  probe: (rateRps: number) => Promise<LoadProbe>,
): Promise<ConcurrencyCalibration> {
  const { asked, capacityRps } = start;
  const highestRps = 0.9 * capacityRps;
  const queues = start.burstS > 1.2 * start.aloneS;
  let curve: Curve = {
    s: start.aloneS,
    q: queues ? start.aloneS ** 2 / 2 : 0,
    mu: capacityRps,
  };
  let rateRps = Math.min(solveRate(asked, curve), highestRps);
  let expected: number | null = null;
  let probes = 0;
  while (probes < maxProbes) {
    const seen = await probe(rateRps);
    probes += 1;
    if (seen.meanServiceS === null) break;
    expected = rateRps * seen.meanServiceS;
    if (Math.abs(expected / asked - 1) <= tolerance) break;
    if (rateRps >= highestRps && expected < asked) {
      return { rateRps: highestRps, reachable: false, expected, probes };
    }
    curve = refit(curve, rateRps, expected);
    rateRps = Math.min(solveRate(asked, curve), highestRps);
  }
  return { rateRps, reachable: true, expected, probes };
}

interface Curve {
  s: number;
  q: number;
  mu: number;
}

/** The curve through the probe: by its queueing part, or by its slope where that cannot be. */
function refit(curve: Curve, rateRps: number, level: number): Curve {
  const q = ((level - curve.s * rateRps) * (1 - rateRps / curve.mu)) / rateRps ** 2;
  return q >= 0 ? { ...curve, q } : { ...curve, q: 0, s: level / rateRps };
}

/** The rate below mu at which the curve reaches the level. */
function solveRate(level: number, { s, q, mu }: Curve): number {
  let low = 0;
  let high = mu;
  for (let i = 0; i < 60; i++) {
    const r = (low + high) / 2;
    if (s * r + (q * r * r) / (1 - r / mu) < level) low = r;
    else high = r;
  }
  return low;
}
