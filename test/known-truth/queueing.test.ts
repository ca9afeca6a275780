import { describe, expect, test } from 'vitest';
import type { RequestRecord } from '../../src/model/index.ts';
import { conductLevel } from '../../src/protocols/index.ts';
import type { SimSpecInput } from '../../src/sim/index.ts';
import { conductVirtually } from './method-virtual.ts';
import { mdResponse, mmResponse, waitCdf } from './queue-theory.ts';

const n = 100_000;
const serviceMs = 10;

/** Response latencies of one open-loop level through the protocol code, in service times. */
async function respond(service: SimSpecInput['service'], rho: number): Promise<Float64Array> {
  const { runs, summaries } = await conductVirtually(
    {
      spec: { slots: 1, ...(service && { service }) },
      outputTokens: '1',
      settings: { requests: n },
    },
    (conduct) => {
      const rateRps = (1000 * rho) / serviceMs;
      const plan = conduct.planner.open(rateRps, { requests: n, durationS: null, salt: 'level' });
      return conductLevel(conduct, plan);
    },
  );
  const [level] = summaries;
  expect(level?.metrics.values['requests_ok']).toBe(n);
  expect(level?.leadIn?.passed).toBe(true);
  expect(level?.keepingUp?.verdict).toBe('keeps-up');
  const counted = runs[0]?.records.filter((record) => record.counted) ?? [];
  const responseMs = (r: RequestRecord) => (r.endUs - r.intendedUs) / 1000 / serviceMs;
  return Float64Array.from(counted, responseMs).sort();
}

const quantile = (sorted: Float64Array, p: number) => sorted[Math.floor(p * sorted.length)] ?? 0;

/**
 * Four relative standard errors of a percentile near p of n dependent responses: a share p (1 - p)
 * / n widened by the correlation of waits in M/M/1, (1 + rho) / (1 - rho)^2 requests to an
 * independent one (Daley 1968), through the exponential slope of the tail.
 */
function tolerance(p: number, rho: number): number {
  const dependence = (1 + rho) / (1 - rho) ** 2;
  return (4 * Math.sqrt((p * (1 - p) * dependence) / n)) / (1 - p) / -Math.log(1 - p);
}

describe('response percentiles of known queues, 10^5 requests through the protocols', () => {
  const slow = { timeout: 240_000 };

  test.each([0.5, 0.8])('M/M/1 at rho %f: exponential', slow, async (rho) => {
    const responses = await respond({ kind: 'exponential', meanMs: serviceMs }, rho);
    for (const p of [0.5, 0.9, 0.99]) {
      const error = Math.abs(quantile(responses, p) / mmResponse(p, rho) - 1);
      expect(error, `p${100 * p}`).toBeLessThan(tolerance(p, rho));
    }
  });

  test.each([0.5, 0.8])('M/D/1 at rho %f: Erlang’s distribution of the wait', slow, async (rho) => {
    const responses = await respond({ kind: 'constant', ms: serviceMs }, rho);
    for (const p of [0.9, 0.99]) {
      const theory = mdResponse(p, rho);
      const error = Math.abs(quantile(responses, p) / theory - 1);
      expect(error, `p${100 * p}`).toBeLessThan(tolerance(p, rho));
      // Far enough from the exponential server's to be told apart.
      expect(mmResponse(p, rho) / theory - 1).toBeGreaterThan(3 * tolerance(p, rho));
    }
  });

  test('the theory itself, by an independent simulation', () => {
    // Lindley's recursion over 2 x 10^7 arrivals, numpy 2.4.6 (default_rng(7)).
    expect(mdResponse(0.9, 0.5) / 2.51498).toBeCloseTo(1, 2);
    expect(mdResponse(0.99, 0.8) / 11.30124).toBeCloseTo(1, 2);
    expect(waitCdf(0, 0.8)).toBeCloseTo(0.2, 12);
  });
});

describe('a server that stands still for 2 s, once', () => {
  test('is in the response latency p99, and not in the service latency', async () => {
    // 50 req/s for 5000 requests: about 100 of them, 2 %, arrive while it stands still. One
    // connection only, as a client of a fixed pool: the waiting is in the client, and whoever
    // counts from the actual send does not see it (coordinated omission).
    const { summaries } = await conductVirtually(
      {
        spec: {
          slots: 1,
          service: { kind: 'constant', ms: 5 },
          freeze: { atMs: 50_000, durationMs: 2000, since: 'first-request' },
        },
        outputTokens: '1',
        maxInFlight: 1,
        settings: { requests: 5000 },
      },
      (conduct) =>
        conductLevel(
          conduct,
          conduct.planner.open(50, { requests: 5000, durationS: null, salt: 'level' }),
        ),
    );
    const values = summaries[0]?.metrics.values ?? {};
    expect(values['requests_ok']).toBe(5000);
    // The wait falls from 2 s to none over 2.5 % of the requests (the queue takes a quarter as long
    // to empty again), so that the 99th of 100 waited for 1.2 s: uniform between 0 and 2 s.
    expect(values['e2e_p99_ms']).toBeGreaterThan(800);
    expect(values['e2e_p99_ms']).toBeLessThan(1600);
    expect(values['ttft_p99_ms']).toBeGreaterThan(800);
    expect(values['e2e_service_p99_ms']).toBeLessThan(6);
    expect(values['ttft_service_p99_ms']).toBeLessThan(6);
    expect(values['e2e_p50_ms']).toBeLessThan(6);
    expect(summaries[0]?.findings.map(({ code }) => code)).toContain('waited-for-slot');
  });
});
