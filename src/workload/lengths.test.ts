import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { datasets } from './datasets/registry.ts';
import { createPairSampler, shareTooLong } from './length-pairs.ts';
import {
  createLengthSampler,
  fixedLength,
  formatLengthSpec,
  type LengthSpec,
  logNormalParameters,
  parseLengthSpec,
} from './lengths.ts';

describe('parseLengthSpec', () => {
  it.each<[string, LengthSpec]>([
    ['32', { shape: 'normal', mean: 32, std: 0 }],
    ['512:128', { shape: 'normal', mean: 512, std: 128 }],
    ['1:0.5', { shape: 'normal', mean: 1, std: 0.5 }],
    ['uniform:64:192', { shape: 'uniform', min: 64, max: 192 }],
    ['lognormal:500:300:50:4000', { shape: 'lognormal', mean: 500, std: 300, min: 50, max: 4000 }],
  ])('%s', (text, spec) => {
    expect(parseLengthSpec(text)).toEqual(spec);
    expect(formatLengthSpec(spec)).toBe(text);
  });

  it.each([
    '',
    '0',
    '-1',
    '1.5',
    'many',
    '5:',
    ':5',
    '5:-1',
    '5:1:1',
    '1e3',
    'NaN',
    'uniform:5:4',
    'uniform:0:4',
    'lognormal:5:1:1',
    'lognormal:9:1:1:8',
  ])('refuses "%s" by name', (text) => {
    expect(() => parseLengthSpec(text, '--input-tokens')).toThrowError(
      expect.objectContaining({
        code: 'USAGE_LENGTH',
        message: `--input-tokens "${text}" is not MEAN or MEAN:STD.`,
      }),
    );
  });
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

const articleLengths = (id: string, which: 'input' | 'output'): LengthSpec => {
  const spec = datasets.get(id).lengths?.[which];
  if (spec === undefined) throw new Error(`${id} has no lengths`);
  return spec;
};

/**
 * Mean, std and kept share: exact sums over the whole tokens of the truncated log-normal, Python 3.11
 * math.erf. mu and sigma: the table of the reference.
 */
const article = [
  ['chat', 'input', 6.0609, 0.5545, 499.91, 299.2, 50, 4000],
  ['chat', 'output', 5.0752, 0.668, 199.83, 148.73, 10, 2000],
  ['code-generation', 'input', 7.1881, 0.5003, 1498.87, 793.99, 200, 8000],
  ['code-generation', 'output', 5.9673, 0.7033, 498.7, 387.84, 50, 4000],
  ['long-context-qa', 'input', 9.4572, 0.668, 15999.96, 11756.68, 2000, 128_000],
  ['long-context-qa', 'output', 5.5199, 0.6064, 299.39, 196.69, 20, 2000],
  ['summarization', 'input', 8.1825, 0.4724, 4000, 1999.53, 500, 32_000],
  ['summarization', 'output', 4.8855, 0.5003, 150.97, 73.92, 50, 500],
] as const;

describe('lengths of the article (row 12: its code takes ln(mean) for mu, 0.8 for sigma, and clips)', () => {
  it.each(article)('%s %s', (id, which, mu, sigma, mean, std, min, max) => {
    const spec = articleLengths(id, which);
    if (spec.shape !== 'lognormal') throw new Error('not log-normal');
    const parameters = logNormalParameters(spec);
    expect(parameters.mu).toBeCloseTo(mu, 3);
    expect(parameters.sigma).toBeCloseTo(sigma, 3);
    const next = createLengthSampler(spec, createRng(7, 'article'));
    const n = 60_000;
    const lengths = Array.from({ length: n }, next);
    const drawn = lengths.reduce((sum, length) => sum + length, 0) / n;
    const spread = Math.sqrt(lengths.reduce((sum, l) => sum + (l - drawn) ** 2, 0) / n);
    // Four standard errors of the mean; the variance of a skewed sample is known less well.
    expect(Math.abs(drawn - mean)).toBeLessThan((4 * std) / Math.sqrt(n));
    expect(Math.abs(spread / std - 1)).toBeLessThan(0.05);
    expect(Math.min(...lengths.slice(0, 10_000))).toBeGreaterThanOrEqual(min);
    expect(Math.max(...lengths.slice(0, 10_000))).toBeLessThanOrEqual(max);
    // Clipping would pile 9 % of summarization's prompts up at its minimum.
    expect(lengths.filter((length) => length === min).length / n).toBeLessThan(0.01);
  });
});

describe('shareTooLong', () => {
  // The same sums, both lengths together.
  it.each([
    ['chat', 2048, 0.00514],
    ['chat', 8192, 0],
    ['code-generation', 2048, 0.39145],
    ['code-generation', 4096, 0.0287],
    ['long-context-qa', 8192, 0.76738],
    ['long-context-qa', 32_768, 0.08173],
    ['summarization', 8192, 0.04326],
  ])('%s in a context of %d', (id, context, share) => {
    const pair = { input: articleLengths(id, 'input'), output: articleLengths(id, 'output') };
    const error = 4 * Math.sqrt((share * (1 - share)) / 100_000) + 1e-5;
    expect(Math.abs(shareTooLong(pair, context) - share)).toBeLessThan(error);
  });

  it('of one length is all or nothing', () => {
    const pair = { input: parseLengthSpec('100'), output: parseLengthSpec('28') };
    expect(shareTooLong(pair, 128)).toBe(0);
    expect(shareTooLong(pair, 127)).toBe(1);
  });
});

it('pairs that do not fit are drawn again as a whole', () => {
  const pair = {
    input: articleLengths('summarization', 'input'),
    output: articleLengths('summarization', 'output'),
  };
  const drawn = (fit: number | null) => {
    const next = createPairSampler({ ...pair, fit }, 3);
    return Array.from({ length: 2000 }, next);
  };
  const fits = drawn(null).filter((p) => p.inputTokens + p.outputTokens <= 4096);
  expect(drawn(4096).slice(0, fits.length)).toEqual(fits);
});

it('fixed lengths are the mean, rounded', () => {
  expect(fixedLength(parseLengthSpec('uniform:10:15'))).toMatchObject({ mean: 13, std: 0 });
  expect(fixedLength(parseLengthSpec('512:128'))).toMatchObject({ mean: 512, std: 0 });
});
