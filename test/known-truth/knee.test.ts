import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import type { SloTemplate } from '../../src/model/index.ts';
import { findKnees, mainKnee, sweepAuto } from '../../src/protocols/index.ts';
import { sampleExponential } from '../../src/stats/index.ts';
import { conductVirtually } from './method-virtual.ts';

const slots = 4;
const serviceS = 0.2;
const seeds = Number(process.env['BENCH_KNEE_SEARCHES'] ?? 100);

/**
 * Share of requests that wait no longer than `waitS` in a first-come first-served queue with
 * Poisson arrivals, by the recursion of Kiefer and Wolfowitz (1955) for G/G/c: independent of
 * everything under test.
 */
function shareWithin(gaps: Float64Array, rateRps: number, waitS: number): number {
  const freeAt = new Float64Array(slots);
  let now = 0;
  let within = 0;
  for (const gap of gaps) {
    now += gap / rateRps;
    let first = 0;
    for (let k = 1; k < slots; k++) {
      if ((freeAt[k] as number) < (freeAt[first] as number)) first = k;
    }
    const start = Math.max(now, freeAt[first] as number);
    freeAt[first] = start + serviceS;
    if (start - now <= waitS) within += 1;
  }
  return within / gaps.length;
}

/** The highest rate at which the SLO holds, over 10^6 requests. */
function trueKnee(waitS: number, quantile: number): number {
  const rng = createRng(2024, 'truth');
  const gaps = Float64Array.from({ length: 1_000_000 }, () => sampleExponential(rng));
  let low = 1;
  let high = slots / serviceS;
  while (high / low > 1.0005) {
    const middle = (low + high) / 2;
    if (shareWithin(gaps, middle, waitS) >= quantile) low = middle;
    else high = middle;
  }
  return low;
}

interface Found {
  /** Errors of the rates that the searches report, as shares of the true one. */
  errors: number[];
  probes: number;
}

async function search(slo: SloTemplate, truth: number): Promise<Found> {
  const found: Found = { errors: [], probes: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const { summaries } = await conductVirtually(
      {
        spec: { slots, service: { kind: 'constant', ms: 1000 * serviceS } },
        seed,
        slos: [slo],
        outputTokens: '1',
        settings: { requests: 2000, maxProbes: 10, tolerance: 0.02, restS: 2 },
        // Intervals of latencies play no part.
        resamples: 2,
      },
      (conduct) => sweepAuto(conduct, 8),
    );
    expect(summaries.length).toBeLessThanOrEqual(10);
    for (const { metrics } of summaries) {
      expect(Number(metrics.values['requests_total'])).toBeLessThanOrEqual(2000);
    }
    found.probes += summaries.length;
    const knee = mainKnee(findKnees(summaries, [slo]), [slo]);
    found.errors.push((knee?.offeredRps ?? 0) / truth - 1);
  }
  return found;
}

const slo = { id: 'median', ttftMs: 400, tpotMs: null, e2eMs: null, quantile: 0.5 };

describe('the knee of 4 slots x 200 ms, at most 10 probes of 2000 requests', () => {
  test('within 5 % of the truth in at least 95 of 100 searches', { timeout: 600_000 }, async () => {
    const truth = trueKnee(0.2, 0.5);
    // M/D/4 below its capacity of 20 req/s.
    expect(truth).toBeGreaterThan(18);
    expect(truth).toBeLessThan(19.5);
    const { errors, probes } = await search(slo, truth);
    const within = errors.filter((error) => Math.abs(error) <= 0.05).length;
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / seeds);
    const worst = Math.max(...errors.map(Math.abs));
    console.log(
      `knee of ${truth.toFixed(2)} req/s: ${within} of ${seeds} searches within 5 %, root mean square error ${(100 * rms).toFixed(1)} %, worst ${(100 * worst).toFixed(1)} %, ${(probes / seeds).toFixed(1)} probes each`,
    );
    expect(within).toBeGreaterThanOrEqual(0.95 * seeds);
  });
});
