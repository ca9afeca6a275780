import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LevelSummary, MetricValues, SystemInfo } from '../../model/index.ts';
import { costOfLevel } from './cost-of-level.ts';
import { findPrice, type PriceQuestion } from './find-price.ts';
import { readPrices } from './read-prices.ts';

const levelWith = (values: MetricValues) =>
  ({ index: 2, metrics: { values } }) as unknown as LevelSummary;

const systemOf = (gpu: string | null, gpuCount: number | null) =>
  ({ gpu: { value: gpu }, gpuCount: { value: gpuCount } }) as SystemInfo;

const hour = {
  kind: 'instance',
  item: 'a node',
  usdPerHour: 36,
  source: 'contract',
  date: '2026-11-01',
} as const;

const list = {
  kind: 'tokens',
  item: 'm at h',
  usdPerMillionInput: 0.4,
  usdPerMillionCachedInput: 0.1,
  usdPerMillionOutput: 1.6,
  source: 'list',
  date: '2026-06-21',
} as const;

describe('costOfLevel', () => {
  it('spreads an hour over the tokens of an hour', () => {
    // 36 USD an hour is 1 cent a second; 1000 output tok/s: 10 USD a million; 5000 of both: 2.
    const level = levelWith({ throughput_tok_s: 1000, total_tok_s: 5000 });
    expect(costOfLevel(hour, level)).toEqual({
      price: hour,
      level: 2,
      usdPerMillionOutputTokens: 10,
      usdPerMillionTokens: 2,
      usdPerHour: 36,
    });
  });

  it('adds list prices up over the mix that was measured', () => {
    // 3M in, a third of it cached, 1M out: 2 x 0.4 + 1 x 0.1 + 1 x 1.6 = 2.5 USD for 4M tokens.
    const level = levelWith({
      input_tokens_total: 3e6,
      output_tokens_total: 1e6,
      cached_tokens_share: 1 / 3,
      total_tok_s: 1000,
    });
    const cost = costOfLevel(list, level);
    expect(cost.usdPerMillionTokens).toBeCloseTo(0.625, 12);
    expect(cost.usdPerMillionOutputTokens).toBeCloseTo(2.5, 12);
    // 3.6M tokens an hour.
    expect(cost.usdPerHour).toBeCloseTo(2.25, 12);
    const uncached = costOfLevel({ ...list, usdPerMillionCachedInput: null }, level);
    expect(uncached.usdPerMillionTokens).toBeCloseTo(2.8 / 4, 12);
  });

  it.each([
    [hour, null],
    [hour, levelWith({ throughput_tok_s: 0, total_tok_s: null })],
    [list, levelWith({ input_tokens_total: 0, output_tokens_total: 0 })],
    [list, levelWith({})],
  ])('is null, not 0, where nothing was measured', (price, level) => {
    const cost = costOfLevel(price, level);
    expect(cost.usdPerMillionTokens).toBeNull();
    expect(cost.usdPerMillionOutputTokens).toBeNull();
  });
});

const question: PriceQuestion = {
  pricePerHour: null,
  priceInput: null,
  priceOutput: null,
  rows: [],
  url: 'https://api.openai.com/v1',
  model: 'gpt-4.1-mini',
  system: systemOf(null, null),
  date: '2026-11-27',
};

describe('findPrice', () => {
  it('takes the price that was stated before any list', async () => {
    const rows = await readPrices(null, '.');
    expect(findPrice({ ...question, rows, pricePerHour: 12 })).toMatchObject({
      kind: 'instance',
      usdPerHour: 12,
      source: '--price-per-hour',
      date: '2026-11-27',
    });
  });

  it('takes prices of tokens that were stated before any list', async () => {
    const rows = await readPrices(null, '.');
    expect(findPrice({ ...question, rows, priceInput: 0.1, priceOutput: 0 })).toEqual({
      kind: 'tokens',
      item: 'gpt-4.1-mini at api.openai.com',
      usdPerMillionInput: 0.1,
      usdPerMillionCachedInput: null,
      usdPerMillionOutput: 0,
      source: '--price-input and --price-output',
      date: '2026-11-27',
    });
  });

  it('knows list prices by host and very model id', async () => {
    const rows = await readPrices(null, '.');
    expect(findPrice({ ...question, rows })).toMatchObject({
      kind: 'tokens',
      usdPerMillionInput: 0.4,
      usdPerMillionOutput: 1.6,
      date: '2026-06-21',
    });
    expect(findPrice({ ...question, rows, model: 'gpt-4.1-mini-x' })).toBeNull();
    expect(findPrice({ ...question, rows, url: 'http://localhost:8000/v1' })).toBeNull();
  });

  it('has GPU prices only where they are asked for, and only with a known number of GPUs', async () => {
    const url = 'http://10.0.0.1:8000/v1';
    const eight = { ...question, url, system: systemOf('NVIDIA H100 80GB HBM3', 8) };
    expect(findPrice({ ...eight, rows: await readPrices(null, '.') })).toBeNull();
    const rows = await readPrices('shipped', '.');
    expect(findPrice({ ...eight, rows })?.kind).toBe('instance');
    expect(findPrice({ ...eight, rows })).toMatchObject({ usdPerHour: 15.92 });
    for (const system of [
      systemOf('NVIDIA H100', null),
      systemOf('NVIDIA H100', 0),
      systemOf('GH100X', 8),
      systemOf(null, 8),
    ]) {
      expect(findPrice({ ...eight, rows, system })).toBeNull();
    }
  });
});

describe('readPrices', () => {
  const fileOf = (text: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-prices-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, 'prices.json'), text);
    return dir;
  };
  const row = { kind: 'gpu-hour', gpu: 'L4', usdPerGpuHour: 0.8, source: 'us', date: '2026-01' };
  const withRow = (over: object) =>
    JSON.stringify({ schema: 'inferencebench.prices.v1', prices: [{ ...row, ...over }] });

  it('reads a file of your own', async () => {
    expect(await readPrices('prices.json', fileOf(withRow({})))).toEqual([row]);
  });

  it.each([
    ['{', 'JSON'],
    ['[]', 'schema'],
    ['{"schema":"inferencebench.prices.v1"}', 'not a list'],
    [withRow({ kind: 'x' }), 'row 1: "kind"'],
    [withRow({ gpu: '' }), '"gpu" is not a text'],
    [withRow({ source: undefined }), '"source" is not a text'],
    [withRow({ usdPerGpuHour: -1 }), '"usdPerGpuHour" is not an amount'],
    [withRow({ date: 'May' }), '"date" is not YYYY-MM'],
    [
      withRow({ kind: 'tokens', host: 'h', model: 'm', usdPerMillionInput: 1 }),
      '"usdPerMillionOutput"',
    ],
  ])('refuses %s', async (text, why) => {
    const read = readPrices('prices.json', fileOf(text));
    await expect(read).rejects.toMatchObject({ code: 'USAGE_PRICES_FILE', exitCode: 2 });
    await expect(read).rejects.toThrow(why);
  });

  it('refuses a file that is not there', async () => {
    await expect(readPrices('none.json', '/')).rejects.toMatchObject({ code: 'USAGE_PRICES_FILE' });
  });
});
