import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { sampleExponential } from '../stats/index.ts';
import { steadyPart } from './steady-window.ts';

/** Waits of M/D/1 in service times, by Lindley's recursion, from its stationary state on. */
function waits(n: number, load: number, seed: number): number[] {
  const rng = createRng(seed, 'waits');
  const values: number[] = [];
  let wait = 0;
  for (let i = -500; i < n; i++) {
    wait = Math.max(0, wait + 1 - sampleExponential(rng) / load);
    if (i >= 0) values.push(1 + wait);
  }
  return values;
}

const unsteady = (make: (seed: number) => number[]): number => {
  let count = 0;
  for (let seed = 1; seed <= 200; seed++) if (steadyPart(make(seed))?.steady === false) count += 1;
  return count / 200;
};

// A second of computing, more on a busy machine.
describe('steadyPart', { timeout: 60_000 }, () => {
  // Without the test of a trend MSER-5 alone says so of 20 to 31 % of them.
  it.each([
    [100, 0.5],
    [100, 0.8],
    [300, 0.8],
    [1000, 0.8],
  ])('calls few steady levels of %d requests at load %d unsteady', (n, load) => {
    expect(unsteady((seed) => waits(n, load, seed))).toBeLessThan(0.06);
  });

  it('sees a queue that grows: a server 20 % short of what arrives', () => {
    const growing = (seed: number) => {
      const rng = createRng(seed, 'growing');
      let wait = 0;
      return Array.from({ length: 300 }, () => {
        wait = Math.max(0, wait + 1 - sampleExponential(rng) / 1.2);
        return 1 + wait;
      });
    };
    expect(unsteady(growing)).toBeGreaterThan(0.65);
  });

  it('cuts a warm-up off the start, and calls the rest steady', () => {
    const values = waits(300, 0.5, 1).map((value, i) => value + 30 * Math.exp(-i / 15));
    const part = steadyPart(values);
    expect(part?.steady).toBe(true);
    expect(part?.cutRequests).toBeGreaterThan(20);
    expect(part?.cutShare).toBe((part?.cutRequests ?? 0) / 300);
  });

  it('says nothing below 50 requests', () => {
    expect(steadyPart(waits(49, 0.5, 1))).toBeNull();
  });
});
