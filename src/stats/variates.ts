import type { Rng } from '../core/index.ts';

/** Exponential variate of mean 1, by inversion. */
export function sampleExponential(rng: Rng): number {
  return -Math.log(rng.nextOpen());
}

/** Standard normal variate (polar method of Marsaglia & Bray 1964); consumes uniforms in pairs. */
export function sampleNormal(rng: Rng): number {
  for (;;) {
    const x = 2 * rng.nextOpen() - 1;
    const y = 2 * rng.nextOpen() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/**
 * Gamma variate of the given shape and scale 1: its mean is `shape` (Marsaglia & Tsang 2000).
 * For a gap of mean 1 divide by `shape`.
 */
export function sampleGamma(rng: Rng, shape: number): number {
  if (!(shape > 0)) throw new RangeError(`gamma shape must be positive, got ${shape}`);
  if (shape < 1) return sampleGamma(rng, shape + 1) * rng.nextOpen() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = sampleNormal(rng);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(rng.nextOpen()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/**
 * Log-normal variate with the given mean and standard deviation of the variate itself:
 * sigma^2 = ln(1 + (std/mean)^2), mu = ln(mean) - sigma^2 / 2.
 */
export function sampleLogNormal(rng: Rng, mean: number, std: number): number {
  const variance = Math.log1p((std / mean) ** 2);
  return Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * sampleNormal(rng));
}
