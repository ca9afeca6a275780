import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  detectableDelta,
  equivalenceTest,
  holmAdjusted,
  independentEffect,
  noncentralTCdf,
  normalCdf,
  normalQuantile,
  pairedEffect,
  predictionEffect,
  rankSumTest,
  signedRankTest,
  tInterval,
  tTestP,
  tTestPower,
} from './index.ts';

/** Golden values: scipy 1.17.1; statsmodels 0.15.0 where it says so. */
const near = (actual: number, expected: number, relative = 1e-9) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-15);

const differences = [0.031, -0.012, 0.055, 0.021, 0.008, 0.047, -0.003, 0.026];
const [few, more] = [
  [4.61, 4.58, 4.66],
  [4.7, 4.64, 4.75, 4.81],
];

describe('effects', () => {
  it('paired: ttest_1samp and its intervals', () => {
    const effect = pairedEffect(differences) ?? expect.fail();
    near(effect.estimate, 0.021625);
    near(effect.standardError, 0.00822439207479799);
    near(tTestP(effect), 0.0339434952214329);
    const { low, high } = tInterval(effect, 0.95);
    near(low, 0.002177403045325179);
    near(high, 0.041072596954674814);
  });

  it('independent: ttest_ind(equal_var=False)', () => {
    const effect = independentEffect(few, more) ?? expect.fail();
    near(effect.df, 4.775793033116851);
    near(tTestP(effect), 0.055645079798219796);
    const { low, high } = tInterval(effect, 0.95);
    near(low, -0.003895351093425481);
    near(high, 0.2205620177600905);
  });

  it('one against several: ttest_ind(equal_var=True) with one value on a side', () => {
    const effect = predictionEffect(4.61, more, -1) ?? expect.fail();
    near(effect.estimate, 0.115);
    near(effect.standardError, 0.08088057039033947);
    near(tTestP(effect), 0.25020344020647467);
    expect(predictionEffect(4.61, more)?.estimate).toBeCloseTo(-0.115, 12);
    expect(predictionEffect(1, [2])).toBeNull();
  });

  it('says nothing of fewer than two values, and is sure without any spread', () => {
    expect(pairedEffect([0.1])).toBeNull();
    expect(independentEffect([1], [2, 3])).toBeNull();
    expect(tTestP({ estimate: 0, standardError: 0, df: 3 })).toBe(1);
    expect(tTestP({ estimate: 0.1, standardError: 0, df: 3 })).toBe(0);
    // The same number thrice has no spread, whatever its last bit.
    expect(pairedEffect([0.1 + 0.2, 0.3, 0.3])?.standardError).toBeLessThan(1e-16);
  });

  it('knows no degrees of freedom: the normal', () => {
    const effect = { estimate: 1.96, standardError: 1, df: Number.POSITIVE_INFINITY };
    near(tTestP(effect), 0.04999579029644088);
    near(tInterval(effect, 0.95).low, 1.96 - 1.9599639845400545);
  });
});

describe('equivalence: statsmodels ttost_paired', () => {
  const effect = pairedEffect(differences) ?? expect.fail();
  it('is found exactly where the larger of both one-sided p is below alpha', () => {
    const [within5, within3] = [0.005344914257529722, 0.1712134732976753];
    const test = (margin: number, alpha: number) =>
      equivalenceTest(effect, { low: -margin, high: margin }, alpha).equivalent;
    expect(test(0.05, within5 * 1.0001)).toBe(true);
    expect(test(0.05, within5 * 0.9999)).toBe(false);
    expect(test(0.03, within3 * 1.0001)).toBe(true);
    expect(test(0.03, within3 * 0.9999)).toBe(false);
  });

  it('gives the 90 % interval at 5 %', () => {
    const { low, high } = equivalenceTest(effect, { low: -1, high: 1 });
    near(low, 0.006043242735215917);
    near(high, 0.03720675726478408);
  });
});

describe('holmAdjusted: statsmodels multipletests', () => {
  it.each([
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.5, 0.2, 0.9],
      [1, 0.6, 1],
    ],
    [[], []],
  ])('%j', (given, expected) => {
    const adjusted = holmAdjusted(given);
    expect(adjusted).toHaveLength(expected.length);
    adjusted.forEach((p, i) => near(p, expected[i] as number));
  });

  it('never falls below what was given, nor above Bonferroni, and keeps the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (ps) => {
        const adjusted = holmAdjusted(ps);
        return ps.every((p, i) => {
          const own = adjusted[i] as number;
          return (
            own >= p &&
            own <= Math.min(1, ps.length * p) &&
            ps.every((q, j) => q < p || (adjusted[j] as number) >= own)
          );
        });
      }),
    );
  });
});

describe('noncentral t', () => {
  it.each([
    [1, 5, 0.5, 0.6665357026872718],
    [2.5, 7, 2, 0.632284020075331],
    [-1.5, 3, 1, 0.018185485409109553],
    [3, 2, 0, 0.9522670168666454],
    [12, 9, 10, 0.7043034123374565],
    [40, 11, 38, 0.536873537026721],
    [0, 4, 1.3, 0.09680048458561032],
    [2, 30, -1, 0.9980855981660497],
  ])('(%d, %d, %d): scipy.stats.nct.cdf', (t, df, delta, expected) =>
    near(noncentralTCdf(t, df, delta), expected, 1e-8),
  );

  it.each([
    [1, 7, 0.05, 0.13989951351825558],
    [3, 7, 0.05, 0.7306301093780352],
    [2.5, 2, 0.05, 0.29951392662988435],
    [3.2, 15, 0.05 / 3, 0.6904232242492887],
  ])('power of (%d, %d, %d): statsmodels TTestPower', (delta, df, alpha, expected) =>
    near(tTestPower(delta, df, alpha), expected, 1e-7),
  );

  it.each([
    [7, 0.05, 0.8, 3.2697615203748867],
    [2, 0.05, 0.8, 5.6534892716012415],
    [15, 0.05, 0.9, 3.4708790663891755],
    [7, 0.05 / 3, 0.8, 4.102189599979459],
  ])('detectable at (%d, %d, %d): statsmodels solve_power', (df, alpha, power, expected) =>
    near(detectableDelta(df, alpha, power), expected, 1e-6),
  );
});

describe('rank tests', () => {
  it('signed ranks: wilcoxon(method="exact"), ties by all sign permutations', () => {
    near(signedRankTest(differences)?.p ?? -1, 0.0546875);
    expect(signedRankTest([1, 2, 3, 4, 5])).toEqual({ p: 0.0625, smallestP: 0.0625 });
    near(signedRankTest([1, 1, -1, 2, 3, 2])?.p ?? -1, 0.125);
    expect(signedRankTest([0, 0])).toBeNull();
    expect(signedRankTest([])).toBeNull();
  });

  it('five pairs cannot reach 5 %, six can', () => {
    expect(signedRankTest([1, 2, 3, 4, 5])?.smallestP).toBeGreaterThan(0.05);
    expect(signedRankTest([1, 2, 3, 4, 5, 6])?.p).toBeCloseTo(0.03125, 12);
  });

  it('rank sums: mannwhitneyu(method="exact"), ties by all permutations', () => {
    near(rankSumTest(few, more)?.p ?? -1, 0.11428571428571428);
    expect(rankSumTest([1, 2, 3], [4, 5, 6])).toEqual({
      ...{ p: 0.1, smallestP: 0.1 },
      ...{ largerP: 0.05, smallerP: 1 },
    });
    near(rankSumTest([1, 2, 2, 3], [2, 3, 3, 4, 5])?.p ?? -1, 0.15873015873015872);
    expect(rankSumTest([], [1])).toBeNull();
  });
});

describe('normal', () => {
  it.each([
    [-8, 6.22096057427174e-16],
    [-4.5, 3.3976731247300535e-6],
    [-3.9, 4.8096344017602614e-5],
    [-1, 0.15865525393145707],
    [0.3, 0.6179114221889526],
    [6, 0.9999999990134123],
  ])('cdf(%d)', (z, expected) => near(normalCdf(z), expected, 1e-10));

  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.025, -1.9599639845400545],
    [0.8, 0.8416212335729143],
    [0.995, 2.5758293035489004],
  ])('quantile(%d)', (p, expected) => near(normalQuantile(p), expected, 1e-10));
});
