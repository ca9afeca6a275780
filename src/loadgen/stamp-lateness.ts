/** Bins of turn lengths, eight to each doubling from 1 microsecond. */
const perDoubling = 8;
const bins = 26 * perDoubling;

/** How late bytes were stamped, from how long the loop was away from its sockets. */
export interface StampLateness {
  /** The loop was away so long, microseconds. */
  add(awayUs: number): void;
  /**
   * Lateness that a byte arriving at a random instant of `wallMs` exceeds with probability 1 - p:
   * one that arrives `a` into an absence of length L waits L - a, so that P(late > x) is the sum of
   * max(0, L - x) over all absences, over the whole time. Milliseconds.
   */
  quantileMs(p: number, wallMs: number): number;
}

/** Of absences that were seen from outside of the loop's turns. */
export function latenessOf(stalls: readonly { ms: number; times: number }[]): StampLateness {
  const lateness = createStampLateness();
  for (const { ms, times } of stalls) {
    for (let i = 0; i < times; i++) lateness.add(ms * 1000);
  }
  return lateness;
}

export function createStampLateness(): StampLateness {
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);

  function exceedingUs(x: number): number {
    let total = 0;
    for (let i = 0; i < bins; i++) {
      const n = count[i] ?? 0;
      if (n > 0) total += n * Math.max(0, (sum[i] ?? 0) / n - x);
    }
    return total;
  }

  return {
    add(awayUs) {
      const bin = Math.floor(Math.log2(Math.max(1, awayUs)) * perDoubling);
      const i = Math.min(bins - 1, bin);
      count[i] = (count[i] ?? 0) + 1;
      sum[i] = (sum[i] ?? 0) + awayUs;
    },
    quantileMs(p, wallMs) {
      const allowedUs = (1 - p) * wallMs * 1000;
      let low = 0;
      let high = 2 ** (bins / perDoubling);
      if (exceedingUs(low) <= allowedUs) return 0;
      for (let i = 0; i < 50; i++) {
        const middle = (low + high) / 2;
        if (exceedingUs(middle) > allowedUs) low = middle;
        else high = middle;
      }
      return high / 1000;
    },
  };
}
