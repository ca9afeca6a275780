import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastMargin, nonInferiorityPower, pairedLoss } from './index.ts';

describe('nonInferiorityPower', () => {
  // CPython 3.11.7: statistics.NormalDist, and a sum in exact fractions over all outcomes
  // (math.comb, fractions.Fraction).
  it.each([
    [62, 0.1, 0.1, 0.8009389746783474, 0.8125146117868035],
    [61, 0.1, 0.1, 0.7952624822799417, 0.8170535277043601],
    [30, 0.2, 0.1, 0.9655520356444369, 0.95781080889864],
    [62, 0.1, 0.3, 0.4178450620021996, 0.44078318375910086],
    [80, 0.05, 0.1, 0.4087403590235583, 0.4359595185794347],
  ])('%i questions, margin %f, %f discordant', (n, margin, discordant, normal, exact) => {
    const power = nonInferiorityPower(n, margin, discordant);
    expect(power.normal).toBeCloseTo(normal, 10);
    expect(power.exact).toBeCloseTo(exact, 10);
  });

  it('is what the numbers of questions are from: 62 and 250 are enough, 61 are not', () => {
    expect(nonInferiorityPower(250, 0.05, 0.1).normal).toBeCloseTo(0.8037244261254555, 10);
    expect(nonInferiorityPower(61, 0.1, 0.1).normal).toBeLessThan(0.8);
  });

  it('is a probability, 1 where the sides never differ', () => {
    const shares = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), shares, shares, (n, margin, discordant) => {
        const { exact } = nonInferiorityPower(n, margin, discordant);
        expect(exact).toBeGreaterThanOrEqual(0);
        expect(exact).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
    expect(nonInferiorityPower(40, 0.1, 0)).toEqual({ normal: 1, exact: expect.closeTo(1, 12) });
  });
});

describe('leastMargin', () => {
  it('is the margin at which the power is reached', () => {
    // By hand: (1.645 + 0.8416212) * sqrt(0.1 / 80) = 0.0879153.
    expect(leastMargin(80, 0.1, 0.8)).toBeCloseTo(0.0879153, 6);
    for (const n of [62, 80, 250]) {
      const margin = leastMargin(n, 0.1, 0.8);
      expect(nonInferiorityPower(n, margin, 0.1).normal).toBeCloseTo(0.8, 10);
    }
  });
});

describe('pairedLoss', () => {
  it('bounds a loss by its pairs', () => {
    // By hand: (9 - 3) / 60 = 0.1; sqrt(12 - 36 / 60) / 60 = 0.056273.
    const { loss, se, upper } = pairedLoss({ n: 60, lost: 9, won: 3 });
    expect(loss).toBeCloseTo(0.1, 12);
    expect(se).toBeCloseTo(0.0562731433871, 10);
    expect(upper).toBeCloseTo(0.1 + 1.645 * 0.0562731433871, 10);
  });
});
