import { logGamma, regularizedBeta } from './binomial.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { studentTQuantile } from './student-t.ts';

/**
 * P(T <= t) for the noncentral t distribution with `df` > 0 degrees of freedom and noncentrality
 * `delta`: algorithm AS 243 (Lenth 1989), its terms kept as logarithms so that a large `delta`
 * does not underflow. Infinite `df`: the normal with mean `delta`.
 */
export function noncentralTCdf(t: number, df: number, delta: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalCdf(t - delta);
  if (t < 0) return 1 - noncentralTCdf(-t, df, -delta);
  const centre = normalCdf(-delta);
  if (t === 0) return centre;
  const x = (t * t) / (df + t * t);
  const rate = (delta * delta) / 2;
  const logRate = Math.log(Math.max(rate, Number.MIN_VALUE));
  const logScale = Math.log(Math.max(Math.abs(delta), Number.MIN_VALUE)) - 0.5 * Math.log(2);
  let sum = 0;
  const last = Math.ceil(rate + 12 * Math.sqrt(rate) + 60);
  for (let j = Math.max(0, Math.floor(rate - 12 * Math.sqrt(rate))); j <= last; j++) {
    const even = Math.exp(-rate + j * logRate - logGamma(j + 1));
    const odd = Math.exp(logScale - rate + j * logRate - logGamma(j + 1.5));
    sum +=
      even * regularizedBeta(x, j + 0.5, df / 2) +
      Math.sign(delta) * odd * regularizedBeta(x, j + 1, df / 2);
  }
  return Math.min(1, Math.max(0, centre + sum / 2));
}

/**
 * Power of the two-sided t test at level `alpha` when the true effect is `delta` standard errors.
 * `df` may be infinite.
 */
export function tTestPower(delta: number, df: number, alpha: number): number {
  const critical = tCritical(df, alpha);
  return 1 - noncentralTCdf(critical, df, delta) + noncentralTCdf(-critical, df, delta);
}

/**
 * The effect, in standard errors, that the two-sided t test at level `alpha` finds with
 * probability `power`. A property of the design alone: never computed at the observed effect.
 */
export function detectableDelta(df: number, alpha: number, power: number): number {
  let low = 0;
  let high = 2;
  while (tTestPower(high, df, alpha) < power && high < 1e6) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-8 * high) {
    const middle = (low + high) / 2;
    if (tTestPower(middle, df, alpha) < power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function tCritical(df: number, alpha: number): number {
  const p = 1 - alpha / 2;
  return df === Number.POSITIVE_INFINITY ? normalQuantile(p) : studentTQuantile(p, df);
}
