import type { Rng } from '../core/index.ts';
import { sampleExponential, sampleNormal } from './index.ts';

/** Makes n values of a series that begins in its stationary state. */
export type Series = (rng: Rng, n: number) => Float64Array;

export const independent =
  (sample: (rng: Rng) => number): Series =>
  (rng, n) =>
    Float64Array.from({ length: n }, () => sample(rng));

/** First-order autoregression with a standard normal margin; tau = (1 + rho) / (1 - rho). */
export const autoregression =
  (rho: number): Series =>
  (rng, n) => {
    let x = sampleNormal(rng);
    const noise = Math.sqrt(1 - rho * rho);
    return Float64Array.from({ length: n }, () => {
      x = rho * x + noise * sampleNormal(rng);
      return x;
    });
  };

/** Waiting times of M/D/1 with service time 1, by Lindley's recursion. */
export const waitingTimes =
  (load: number): Series =>
  (rng, n) => {
    let wait = 0;
    const next = () => {
      wait = Math.max(0, wait + 1 - sampleExponential(rng) / load);
      return wait;
    };
    for (let i = 0; i < 500; i++) next();
    return Float64Array.from({ length: n }, next);
  };
