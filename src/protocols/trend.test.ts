import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { sampleNormal } from '../stats/index.ts';
import { binMeans, fitTrend, inFlightBins } from './trend.ts';

describe('fitTrend', () => {
  it('is least squares, its error widened by the residuals’ correlation', () => {
    const trend = fitTrend([3, 4, 5, 5, 8, 10, 10, 9, 8, 8, 9, 11]);
    // scipy 1.17.1 linregress; error x sqrt((1 + r) / (1 - r)), r = lag-1 of the residuals + 2 / n.
    expect(trend?.slope).toBeCloseTo(0.6013986013986014, 12);
    expect(trend?.share).toBeCloseTo(0.882051282051282, 12);
    expect(trend?.pGrowth).toBeCloseTo(0.06602958386136562, 9);
    expect(trend?.pAny).toBeCloseTo(0.13205916772273124, 9);
  });

  it('knows exact lines, constants, and too few values', () => {
    expect(fitTrend([1, 2, 3, 4, 5, 6])).toMatchObject({ slope: 1, pGrowth: 0, pAny: 0 });
    expect(fitTrend([6, 5, 4, 3, 2, 1])).toMatchObject({ slope: -1, pGrowth: 1, pAny: 0 });
    expect(fitTrend(new Float64Array(20).fill(0.1))).toMatchObject({ pGrowth: 0.5, pAny: 1 });
    expect(fitTrend([1, 2, 3, 4, 5])).toBeNull();
  });

  /** Share of series without any trend that are called one at p < 0.05; rho: correlation. */
  const falseAlarms = (rho: number): number => {
    const rng = createRng(4, `trend ${rho}`);
    let alarms = 0;
    for (let run = 0; run < 2000; run++) {
      let x = sampleNormal(rng);
      const values = Array.from({ length: 20 }, () => {
        x = rho * x + Math.sqrt(1 - rho * rho) * sampleNormal(rng);
        return 10 + x;
      });
      if ((fitTrend(values)?.pAny ?? 1) < 0.05) alarms += 1;
    }
    return alarms / 2000;
  };

  it('is rarely fooled, also by values that hang together', () => {
    expect(falseAlarms(0)).toBeLessThan(0.06);
    // Least squares alone: 23 %.
    expect(falseAlarms(0.5)).toBeLessThan(0.12);
  });
});

describe('inFlightBins', () => {
  it('is the time average of what was wanted and had not ended', () => {
    const flights = {
      intendedUs: [0, 10, 25, 30],
      endUs: [15, 40, 30, Number.POSITIVE_INFINITY],
    };
    // [0, 20): 15 + 10 of 20; [20, 40): 20 + 5 + 10 of 20.
    expect([...inFlightBins(flights, 0, 40, 2)]).toEqual([1.25, 1.75]);
    expect([...inFlightBins(flights, 40, 60, 2)]).toEqual([1, 1]);
  });

  it('adds up to the whole time in flight, however it is cut', () => {
    const rng = createRng(1, 'bins');
    const intendedUs = Array.from({ length: 200 }, () => 1000 * rng.next());
    const endUs = intendedUs.map((us) => us + 300 * rng.next());
    const total = intendedUs.reduce(
      (sum, us, i) => sum + Math.max(0, Math.min(800, endUs[i] as number) - Math.max(100, us)),
      0,
    );
    for (const bins of [1, 7, 20]) {
      const busy = inFlightBins({ intendedUs, endUs }, 100, 800, bins);
      expect(busy.reduce((sum, mean) => sum + (mean * 700) / bins, 0)).toBeCloseTo(total, 6);
    }
  });
});

it('binMeans takes every value once', () => {
  expect([...binMeans([1, 2, 3, 4, 5, 6], 3)]).toEqual([1.5, 3.5, 5.5]);
  expect([...binMeans([1, 2, 3, 4, 5], 2)]).toEqual([1.5, 4]);
});
