import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheLayout } from '../engines/index.ts';
import { arrivalShapes, datasets } from '../workload/index.ts';
import { arrivalCases } from './arrival-cases.ts';
import { runCases } from './case.ts';
import { datasetCases } from './dataset-cases.ts';

/** How users write them; a new shape adds its line. */
const arrivalTexts: Record<string, readonly string[]> = {
  poisson: ['poisson'],
  constant: ['constant'],
  gamma: ['gamma:0.25', 'gamma:1', 'gamma:10'],
};

describe.each(arrivalShapes.list())('arrival $id', (shape) => {
  describe.each(arrivalTexts[shape.id] ?? [])('%s', (text) => {
    it.each(arrivalCases)('$name', ({ run }) => run({ shape, text }));
  });
  it('is tried', () => expect(arrivalTexts[shape.id]?.length).toBeGreaterThan(0));
});

const dir = mkdtempSync(join(tmpdir(), 'bench-testing-'));
const prompts = join(dir, 'prompts.jsonl');
const rows = Array.from({ length: 40 }, (_, i) => ({
  prompt: `row ${i} ${'of words '.repeat(i % 7)}`.trim(),
  ...(i % 2 === 0 && { output_tokens: 1 + i }),
}));
writeFileSync(prompts, rows.map((row) => JSON.stringify(row)).join('\n'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const conversations = join(dir, 'conversations.json');
const message = (from: string, value: string) => ({ from, value });
writeFileSync(
  conversations,
  JSON.stringify(
    Array.from({ length: 20 }, (_, i) => ({
      id: `talk_${i}`,
      conversations: [
        ...(i % 3 === 0 ? [message('system', 'be brief')] : []),
        message('human', `question ${i} ${'and more '.repeat(i)}`),
        message('gpt', `answer ${i}`),
        message('human', 'and then?'),
        message('gpt', 'nothing else'),
      ],
    })),
  ),
);
/** The real file, where this machine has fetched it. */
const shareGptV3 = join(
  cacheLayout({ env: process.env, home: homedir() }).datasets,
  'sharegpt-v3/ShareGPT_V3_unfiltered_cleaned_split.first-10000-turns.json',
);

/** A file that each dataset with a file can read; a new one adds its line. */
const datasetFiles: Record<string, string> = {
  jsonl: prompts,
  sharegpt: conversations,
  'sharegpt-v3': shareGptV3,
};

describe.each(datasets.list())('dataset $id', (dataset) => {
  const path = datasetFiles[dataset.id] ?? null;
  it.skipIf(path !== null && !existsSync(path)).each(datasetCases)('$name', ({ run }) =>
    run({ dataset, path }),
  );
});

it('every data set has a page', () => {
  const page = (id: string) => new URL(`../../docs/datasets/${id}.md`, import.meta.url);
  expect(datasets.ids().filter((id) => !existsSync(page(id)))).toEqual([]);
});

describe('the suites notice', () => {
  const failures = async (...args: Parameters<typeof runCases<never>>) =>
    (await runCases(...args)).filter(({ status }) => status === 'failed').map(({ name }) => name);

  it('gaps that are too short, and that lose their seed', async () => {
    const poisson = arrivalShapes.get('poisson');
    let shared = 1;
    const createGaps = () => () => (shared = (shared * 16_807) % 2_147_483_647) / 2_147_483_647;
    const broken = { ...poisson, createGaps };
    expect(
      await failures(arrivalCases as never, { shape: broken, text: 'poisson' } as never),
    ).toEqual(['has gaps of mean 1', 'draws the same gaps from the same seed, beside others too']);
  });

  it('prompts without salt, and errors without a next step', async () => {
    const jsonl = datasets.get('jsonl');
    const broken = {
      ...jsonl,
      load: async (options: Parameters<typeof jsonl.load>[0]) => {
        if (options.path === null) throw new Error('no path');
        return jsonl.load({ ...options, salted: false });
      },
    };
    expect(
      await failures(datasetCases as never, { dataset: broken, path: prompts } as never),
    ).toEqual([
      'follows the seed and the salt',
      'starts 256 consecutive prompts with as many different words',
      'refuses what it cannot read, by name and with the next step',
    ]);
  });
});
