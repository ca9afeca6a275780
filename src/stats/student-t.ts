import { regularizedBeta } from './binomial.ts';

/** P(T <= t) for Student's t with `df` > 0 degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  const tail = regularizedBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** The t with P(T <= t) = p for Student's t; `p` in (0, 1), `df` > 0 and finite. */
export function studentTQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  let high = 1;
  while (studentTCdf(high, df) < p && high < 1e300) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (studentTCdf(middle, df) < p) low = middle;
    else high = middle;
  }
}
