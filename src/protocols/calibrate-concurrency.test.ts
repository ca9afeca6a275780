import { describe, expect, it } from 'vitest';
import { calibrateConcurrency } from './calibrate-concurrency.ts';
import type { LoadProbe } from './probe-capacity.ts';

const probeOf = (meanServiceS: (rateRps: number) => number) => {
  const rates: number[] = [];
  return {
    rates,
    probe: async (rateRps: number): Promise<LoadProbe> => {
      rates.push(rateRps);
      return {
        completedRps: rateRps,
        meanServiceS: meanServiceS(rateRps),
        ok: 10,
        failed: 0,
        error: null,
      };
    },
  };
};

describe('calibrateConcurrency', () => {
  it('hits a server without a queue in one probe', async () => {
    const { probe, rates } = probeOf(() => 0.2);
    const found = await calibrateConcurrency(
      { asked: 4, capacityRps: 40, aloneS: 0.2, burstS: 0.2 },
      probe,
    );
    expect(found.rateRps).toBeCloseTo(20, 6);
    expect(rates).toHaveLength(1);
  });

  it.each([0.5, 1, 2, 4])(
    'hits %d in an M/D/1 queue within 10 %% and three probes',
    async (asked) => {
      const mu = 10;
      const inSystem = (rate: number) => rate / mu + (rate / mu) ** 2 / (2 * (1 - rate / mu));
      const { probe, rates } = probeOf((rate) => inSystem(rate) / rate);
      const found = await calibrateConcurrency(
        { asked, capacityRps: mu, aloneS: 0.1, burstS: (asked + 0.5) * 0.1 * 1.3 },
        probe,
      );
      expect(inSystem(found.rateRps) / asked).toBeGreaterThan(0.9);
      expect(inSystem(found.rateRps) / asked).toBeLessThan(1.1);
      expect(rates.length).toBeLessThanOrEqual(3);
    },
  );

  it('hits an M/M/1 queue, whose curve it does not know, within three probes', async () => {
    const mu = 10;
    const inSystem = (rate: number) => rate / (mu - rate);
    const { probe } = probeOf((rate) => inSystem(rate) / rate);
    const found = await calibrateConcurrency(
      { asked: 2, capacityRps: mu, aloneS: 0.1, burstS: 0.25 },
      probe,
    );
    expect(Math.abs(inSystem(found.rateRps) / 2 - 1)).toBeLessThan(0.1);
  });

  it('never asks for more than 90 % of capacity and says when that is not enough', async () => {
    const { probe, rates } = probeOf(() => 0.1);
    const found = await calibrateConcurrency(
      { asked: 50, capacityRps: 10, aloneS: 0.1, burstS: 5 },
      probe,
    );
    expect(found).toMatchObject({ reachable: false, rateRps: 9 });
    expect(Math.max(...rates)).toBeLessThanOrEqual(9);
  });
});
