/** Quantile of sorted values, linear between neighbours (Hyndman and Fan, type 7); NaN when empty. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

/** Largest distance between the gaps' distribution function and that of exponential gaps. */
export function distanceToExponential(gapsS: ArrayLike<number>, rateRps: number): number {
  const ordered = sorted(Array.from(gapsS));
  let distance = 0;
  ordered.forEach((gap, i) => {
    const expected = 1 - Math.exp(-rateRps * gap);
    distance = Math.max(
      distance,
      Math.abs(expected - i / ordered.length),
      Math.abs((i + 1) / ordered.length - expected),
    );
  });
  return distance;
}

/** Variance over mean of arrivals per 100 ms; 1 for a Poisson process. */
export function dispersion(timesS: readonly number[]): number {
  const from = timesS[0] ?? 0;
  const bins = new Float64Array(Math.floor(((timesS.at(-1) ?? 0) - from) * 10));
  for (const at of timesS) {
    const bin = Math.floor((at - from) * 10);
    if (bin < bins.length) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const average = mean(bins);
  return mean(bins.map((count) => (count - average) ** 2)) / average;
}

/** Reproducible numbers in [0, 1): mulberry32. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
