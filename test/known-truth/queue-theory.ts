/**
 * P(wait <= t) of M/D/1, t in service times (Erlang 1909; Gross et al., Fundamentals of Queueing
 * Theory, 2.8): (1 - rho) sum_{k <= t} (rho (k - t))^k / k! e^(-rho (k - t)).
 */
export function waitCdf(t: number, rho: number): number {
  let sum = 0;
  for (let k = 0; k <= Math.floor(t); k++) {
    const x = rho * (k - t);
    let term = Math.exp(-x);
    for (let i = 1; i <= k; i++) term *= x / i;
    sum += term;
  }
  return (1 - rho) * sum;
}

/** The wait that a share p of the requests does not exceed. */
export function waitQuantile(p: number, rho: number): number {
  let low = 0;
  let high = 30;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (waitCdf(middle, rho) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** Response percentile of M/D/1: the wait's, and one service time. */
export const mdResponse = (p: number, rho: number) => waitQuantile(p, rho) + 1;

/** Response percentile of M/M/1 in mean service times: exponential with mean 1 / (1 - rho). */
export const mmResponse = (p: number, rho: number) => -Math.log(1 - p) / (1 - rho);
