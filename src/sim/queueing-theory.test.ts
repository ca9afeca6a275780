import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { createEngineModel } from './engine-model.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import type { SimSpecInput } from './sim-spec.ts';
import { createVirtualClock } from './virtual-clock.ts';

const n = 100_000;
const serviceMs = 10;

/** Poisson arrivals at `rho` times the capacity; waits and response times in service times. */
async function simulateQueue(rho: number, input: SimSpecInput, slots = 1) {
  const clock = createVirtualClock();
  const model = createEngineModel(parseSimSpec({ ...input, slots }), clock);
  const rng = createRng(7, 'arrivals');
  const waits = new Float64Array(n);
  const responses = new Float64Array(n);
  const meanGapUs = (serviceMs * 1000) / (rho * slots);
  const arrive = (i: number, atUs: number): void => {
    if (i === n) return;
    model.submit(
      { promptTokens: 1, outputTokens: 1 },
      {
        onStarted: (us) => {
          waits[i] = (us - atUs) / (serviceMs * 1000);
        },
        onTokens: (us) => {
          responses[i] = (us - atUs) / (serviceMs * 1000);
        },
      },
    );
    clock.at(atUs - meanGapUs * Math.log(rng.nextOpen()), (us) => arrive(i + 1, us));
  };
  clock.at(0, (us) => arrive(0, us));
  await clock.run();
  expect(model.finished()).toBe(n);
  return { waits, responses: responses.sort() };
}

const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * Standard error of the mean wait of n successive M/M/1 customers, in service times: the asymptotic
 * variance of Daley (1968), "The serial correlation coefficients of waiting times in a stationary
 * single server queue". M/D/1 varies less, so the same bound holds there.
 */
const waitError = (rho: number) =>
  Math.sqrt((rho * (2 + 5 * rho - 4 * rho ** 2 + rho ** 3)) / (1 - rho) ** 4 / n);

describe('known queues, 10^5 requests in virtual time', () => {
  it.each([0.3, 0.5, 0.8])('M/D/1 at rho %f: mean wait by Pollaczek-Khinchine', async (rho) => {
    const { waits } = await simulateQueue(rho, { service: { kind: 'constant', ms: serviceMs } });
    const theory = rho / (2 * (1 - rho));
    expect(Math.abs(mean(waits) - theory)).toBeLessThan(4 * waitError(rho));
    // The bound is tight enough to tell it from an exponential server, whose wait is twice that.
    expect(4 * waitError(rho)).toBeLessThan(theory / 2);
  });

  it.each([0.3, 0.5, 0.8])('M/M/1 at rho %f: mean wait and response quantiles', async (rho) => {
    const service: SimSpecInput = { service: { kind: 'exponential', meanMs: serviceMs } };
    const { waits, responses } = await simulateQueue(rho, service);
    expect(Math.abs(mean(waits) - rho / (1 - rho))).toBeLessThan(4 * waitError(rho));
    // Response times are exponential with mean 1 / (1 - rho).
    for (const p of [0.5, 0.9, 0.99]) {
      const theory = -Math.log(1 - p) / (1 - rho);
      const got = responses[Math.floor(p * n)] ?? 0;
      expect(Math.abs(got / theory - 1)).toBeLessThan((8 * waitError(rho)) / (1 / (1 - rho)));
    }
  });

  it('M/M/4 at rho 0.7: mean wait by Erlang C', async () => {
    const slots = 4;
    const rho = 0.7;
    const load = rho * slots;
    let term = 1;
    let sum = 1;
    for (let k = 1; k < slots; k++) sum += term *= load / k;
    const last = (term * load) / slots / (1 - rho);
    const waitShare = last / (sum + last);
    const { waits } = await simulateQueue(
      rho,
      { service: { kind: 'exponential', meanMs: serviceMs } },
      slots,
    );
    expect(mean(waits) / (waitShare / (slots * (1 - rho)))).toBeCloseTo(1, 1);
  });
});
