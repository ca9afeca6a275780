import assert from 'node:assert/strict';
import { isBenchError } from '../core/index.ts';
import type { TokenCounter } from '../model/index.ts';
import { createRecipes, type Dataset, type LoadedDataset } from '../workload/index.ts';
import type { Case } from './case.ts';

/** A dataset, and a file it can read where it takes one. */
export interface DatasetSubject {
  dataset: Dataset;
  path: string | null;
}

/** Consecutive prompts of which no two may start with the same word. */
const distinctFirstWords = 256;

/** A tokenizer whose tokens are words. */
const wordCounter: TokenCounter = {
  source: 'words',
  count: async (texts) => texts.map((text) => wordsOf(text).length),
};

/** What every source of prompts has to keep. */
export const datasetCases: readonly Case<DatasetSubject>[] = [
  {
    name: 'says what it is',
    async run(subject) {
      const { dataset } = subject;
      assert.match(dataset.id, /^[a-z0-9][a-z0-9-]*$/);
      assert.match(dataset.title, /\S/);
      const loaded = await load(subject);
      assert.equal(loaded.id, dataset.id);
      assert.match(loaded.describe, /\S/);
    },
  },
  {
    name: 'makes the same text of the same recipe, also when loaded again',
    async run(subject) {
      const loaded = await load(subject);
      const again = await load(subject);
      const texts = promptsOf(loaded, 1, 'a', 20);
      assert.deepEqual(promptsOf(loaded, 1, 'a', 20), texts);
      assert.deepEqual(promptsOf(again, 1, 'a', 20), texts);
      assert.ok(
        texts.every((text) => text.trim() !== ''),
        'no prompt is empty',
      );
    },
  },
  {
    name: 'follows the seed and the salt',
    async run(subject) {
      const loaded = await load(subject);
      const texts = promptsOf(loaded, 1, 'a', 20);
      for (const [seed, salt] of [
        [2, 'a'],
        [1, 'b'],
      ] as const) {
        const others = new Set(promptsOf(loaded, seed, salt, 20));
        const shared = texts.filter((text) => others.has(text));
        assert.deepEqual(shared, [], `seed ${seed}, salt ${salt}`);
      }
    },
  },
  {
    name: `starts ${distinctFirstWords} consecutive prompts with as many different words`,
    async run(subject) {
      for (const counter of [null, wordCounter]) {
        const prompts = promptsOf(await load(subject, counter), 5, 'level', distinctFirstWords);
        const first = new Set(prompts.map((text) => wordsOf(text)[0]));
        assert.equal(first.size, distinctFirstWords, 'a prefix cache must not help');
      }
    },
  },
  {
    name: 'has prompts of the length it names',
    async run(subject) {
      const loaded = await load(subject, wordCounter);
      if (loaded.rows === null) {
        for (const tokens of [1, 2, 32, 500]) {
          const text = loaded.promptText({ dataset: loaded.id, seed: 9, row: null }, tokens);
          assert.equal(wordsOf(text).length, tokens);
        }
        return;
      }
      assert.ok(loaded.rows.length > 0, 'it has rows');
      for (const [row, { inputTokens, outputTokens }] of loaded.rows.entries()) {
        const text = loaded.promptText({ dataset: loaded.id, seed: 9, row }, inputTokens);
        assert.equal(inputTokens, wordsOf(text).length, `row ${row}`);
        const fits = outputTokens === null || (Number.isInteger(outputTokens) && outputTokens > 0);
        assert.ok(fits, `row ${row}: ${outputTokens} output tokens`);
      }
    },
  },
  {
    name: 'has a hash that only its content decides',
    async run(subject) {
      const loaded = await load(subject);
      assert.match(loaded.hash, /^[0-9a-f]{64}$/);
      promptsOf(loaded, 1, 'a', 5);
      assert.equal((await load(subject)).hash, loaded.hash);
    },
  },
  {
    name: 'refuses what it cannot read, by name and with the next step',
    async run({ dataset }) {
      if (!dataset.takesPath) return;
      const path = '/nowhere/no-such-prompts';
      await refuses(dataset, path, path);
      await refuses(dataset, null, dataset.id);
      await refuses(dataset, '/', '/');
    },
  },
];

function load({ dataset, path }: DatasetSubject, counter: TokenCounter | null = null) {
  return dataset.load({ counter, path });
}

function promptsOf(loaded: LoadedDataset, seed: number, salt: string, count: number): string[] {
  const recipe = createRecipes({ dataset: loaded, seed, salt });
  return Array.from({ length: count }, (_, index) => {
    const { row, ...rest } = recipe(index);
    const tokens = (row === null ? null : loaded.rows?.[row]?.inputTokens) ?? 12;
    return loaded.promptText({ ...rest, row }, tokens);
  });
}

async function refuses(dataset: Dataset, path: string | null, named: string): Promise<void> {
  const error: unknown = await dataset.load({ counter: null, path }).then(
    () => assert.fail(`${path} is refused`),
    (reason: unknown) => reason,
  );
  assert.ok(isBenchError(error), `${String(error)} is a BenchError`);
  assert.match(error.code, /^(USAGE|WORKLOAD)_/);
  assert.ok(error.message.includes(named), `"${error.message}" names ${named}`);
  assert.match(error.hint ?? '', /\S/, 'there is a hint');
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
