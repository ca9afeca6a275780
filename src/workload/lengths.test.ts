import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { createLengthSampler, formatLengthSpec, parseLengthSpec } from './lengths.ts';

describe('parseLengthSpec', () => {
  it.each([
    ['32', { mean: 32, std: 0 }],
    ['512:128', { mean: 512, std: 128 }],
    ['1:0.5', { mean: 1, std: 0.5 }],
  ])('%s', (text, spec) => {
    expect(parseLengthSpec(text)).toEqual(spec);
    expect(formatLengthSpec(spec)).toBe(text);
  });

  it.each(['', '0', '-1', '1.5', 'many', '5:', ':5', '5:-1', '5:1:1', '1e3', 'NaN'])(
    'refuses "%s" by name',
    (text) => {
      expect(() => parseLengthSpec(text, '--input-tokens')).toThrowError(
        expect.objectContaining({
          code: 'USAGE_LENGTH',
          message: `--input-tokens "${text}" is not MEAN or MEAN:STD.`,
        }),
      );
    },
  );
});

describe('createLengthSampler', () => {
  const draw = (text: string, seed: number, count: number) => {
    const next = createLengthSampler(parseLengthSpec(text), createRng(seed, 'lengths'));
    return Array.from({ length: count }, next);
  };
  const meanOf = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  it('repeats one length without a spread', () => {
    expect(draw('32', 1, 3)).toEqual([32, 32, 32]);
  });

  it('has the mean and spread asked for where truncation does not bite', () => {
    const lengths = draw('512:64', 1, 20_000);
    const mean = meanOf(lengths);
    const std = Math.sqrt(meanOf(lengths.map((length) => (length - mean) ** 2)));
    expect(Math.abs(mean - 512)).toBeLessThan((3.5 * 64) / Math.sqrt(lengths.length));
    expect(Math.abs(std - 64)).toBeLessThan(2);
    expect(lengths.every(Number.isInteger)).toBe(true);
  });

  it('draws again below 1 rather than piling up at 1', () => {
    const lengths = draw('10:20', 2, 50_000);
    expect(Math.min(...lengths)).toBe(1);
    // Mean of Normal(10, 20) truncated below at 0.5: m + s phi(a)/Q(a) with Python 3 math.erfc.
    expect(Math.abs(meanOf(lengths) - 20.4418)).toBeLessThan(0.25);
    const ones = lengths.filter((length) => length === 1).length;
    const twos = lengths.filter((length) => length === 2).length;
    expect(ones / twos).toBeLessThan(1.3);
  });

  it('is decided by the seed', () => {
    expect(draw('100:30', 3, 50)).toEqual(draw('100:30', 3, 50));
    expect(draw('100:30', 3, 50)).not.toEqual(draw('100:30', 4, 50));
  });
});
