const logRootTwoPi = 0.5 * Math.log(2 * Math.PI);

/**
 * P(Z <= z) for the standard normal. A Taylor series near the centre (Marsaglia 2004), the
 * continued fraction of the tail (DLMF 7.9.3) beyond: absolute error below 1e-14.
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z > 0) return 1 - normalCdf(-z);
  if (z < -40) return 0;
  const density = Math.exp(-(z * z) / 2 - logRootTwoPi);
  if (z < -4) {
    let fraction = 0;
    for (let k = 60; k >= 1; k--) fraction = k / (-z + fraction);
    return density / (-z + fraction);
  }
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-17 && k < 400; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + sum * density;
}

/** The z with P(Z <= z) = p, `p` in (0, 1): bisection to the last bit. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -40;
  let high = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
}
