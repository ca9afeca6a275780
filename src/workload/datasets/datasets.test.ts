import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TokenCounter } from '../../model/index.ts';
import { createRecipes } from './dataset.ts';
import { datasets, parseDataset } from './registry.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-datasets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const words: TokenCounter = {
  source: 'words',
  count: async (texts) => texts.map((text) => text.split(/\s+/).length),
};

function writeRows(name: string, text: string | Buffer): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const loadJsonl = (path: string | null, counter: TokenCounter | null = words, salted = true) =>
  datasets.get('jsonl').load({ counter, path, salted });

describe('random', () => {
  it('makes prompts of the length asked for, and says how exact they are', async () => {
    const counted = await datasets.get('random').load({ counter: words, path: null });
    const prompt = { dataset: 'random', seed: 3, row: null };
    expect(await words.count([counted.promptText(prompt, 77)])).toEqual([77]);
    expect(counted.describe).toContain('exact to the token (words)');
    const blind = await datasets.get('random').load({ counter: null, path: null });
    expect(blind.describe).toContain('approximate: no tokenizer at hand');
  });
});

describe('jsonl', () => {
  it('keeps rows, their lengths and a hash that follows the file', async () => {
    const path = writeRows(
      'good.jsonl',
      '\ufeff{"prompt":"one two","output_tokens":7}\r\n\n{"prompt":"three"}',
    );
    const loaded = await loadJsonl(path);
    // Two salt words come on top.
    expect(loaded.rows).toEqual([
      { inputTokens: 4, outputTokens: 7 },
      { inputTokens: 3, outputTokens: null },
    ]);
    const text = loaded.promptText({ dataset: 'jsonl', seed: 1, row: 0 }, 4);
    expect(text).toMatch(/^\w+ \w+\none two$/);
    expect(loaded.promptText({ dataset: 'jsonl', seed: 2, row: 0 }, 4)).not.toBe(text);
    writeRows('other.jsonl', '{"prompt":"one two!","output_tokens":7}\n{"prompt":"three"}');
    expect((await loadJsonl(join(dir, 'other.jsonl'))).hash).not.toBe(loaded.hash);
  });

  it('sends rows as they are when asked to', async () => {
    const loaded = await loadJsonl(writeRows('plain.jsonl', '{"prompt":"one two"}'), null, false);
    expect(loaded.promptText({ dataset: 'jsonl', seed: 1, row: 0 }, 2)).toBe('one two');
    expect(loaded.describe).toContain('input lengths approximate');
  });

  it('reads characters that fall on a boundary of the stream', async () => {
    const long = 'ä'.repeat(70_000);
    const loaded = await loadJsonl(writeRows('long.jsonl', `{"prompt":"x${long}"}`), null, false);
    expect(loaded.promptText({ dataset: 'jsonl', seed: 1, row: 0 }, 1)).toBe(`x${long}`);
  });

  it.each([
    ['{"prompt":"a"}\n{"prompt":', 'line 2: not JSON'],
    ['{"prompt":"a"}\n\n[1]', 'line 3: not an object'],
    ['{"text":"a"}', 'line 1: "prompt" is not a text'],
    ['{"prompt":"a","output_tokens":0}', 'line 1: "output_tokens" is 0'],
    ['{"prompt":"a","output_tokens":"9"}', 'line 1: "output_tokens" is "9"'],
  ])('refuses %j with its line', async (text, message) => {
    await expect(loadJsonl(writeRows('bad.jsonl', text))).rejects.toMatchObject({
      code: 'WORKLOAD_ROW',
      message: expect.stringContaining(message),
    });
  });

  it('refuses what is not there, empty, or not text', async () => {
    await expect(loadJsonl(join(dir, 'none'))).rejects.toMatchObject({ code: 'WORKLOAD_FILE' });
    await expect(loadJsonl(dir)).rejects.toMatchObject({ code: 'WORKLOAD_FILE' });
    await expect(loadJsonl(null)).rejects.toMatchObject({ code: 'USAGE_DATASET_PATH' });
    const empty = loadJsonl(writeRows('empty.jsonl', '\n\n'));
    await expect(empty).rejects.toMatchObject({ code: 'WORKLOAD_EMPTY' });
    const binary = loadJsonl(writeRows('binary.jsonl', Buffer.from([0x7b, 0xff, 0xfe])));
    await expect(binary).rejects.toMatchObject({ code: 'WORKLOAD_ROW' });
  });
});

it('every row is used once before any is used again, alike at every level', async () => {
  const path = writeRows('ten.jsonl', '{"prompt":"a"}\n'.repeat(10));
  const dataset = await loadJsonl(path);
  const rowsOf = (seed: number, salt: string) => {
    const recipe = createRecipes({ dataset, seed, salt });
    return Array.from({ length: 20 }, (_, i) => recipe(i).row ?? -1);
  };
  const rows = rowsOf(1, 'a');
  expect([...rows.slice(0, 10)].sort((a, b) => Number(a) - Number(b))).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  expect(rows.slice(10)).toEqual(rows.slice(0, 10));
  expect(rowsOf(1, 'b')).toEqual(rows);
  expect(rowsOf(2, 'a')).not.toEqual(rows);
});

describe('parseDataset', () => {
  it('reads an id and a path', () => {
    expect(parseDataset('jsonl:C:/x.jsonl')).toMatchObject({ path: 'C:/x.jsonl' });
    expect(parseDataset('random').dataset.id).toBe('random');
  });

  it.each(['jsonl', 'jsonl:', 'random:x'])('refuses %s', (text) => {
    expect(() => parseDataset(text)).toThrowError(
      expect.objectContaining({ code: 'USAGE_DATASET_PATH' }),
    );
  });

  it('says how a file alone is named', () => {
    expect(() => parseDataset('a/good.jsonl')).toThrowError(
      expect.objectContaining({
        code: 'USAGE_UNKNOWN_DATASET',
        hint: expect.stringContaining('--dataset jsonl:a/good.jsonl'),
      }),
    );
  });

  it('knows the names of other tools, and a file named apart', () => {
    expect(parseDataset('long_context_qa').dataset.id).toBe('long-context-qa');
    expect(parseDataset('jsonl', 'x.jsonl')).toMatchObject({ path: 'x.jsonl' });
    expect(parseDataset('sharegpt-v3')).toMatchObject({ path: null });
    expect(parseDataset('sharegpt-v3:x.json')).toMatchObject({ path: 'x.json' });
  });

  it('suggests what a typo meant', () => {
    expect(() => parseDataset('randon')).toThrowError(/Did you mean "random"/);
  });
});
