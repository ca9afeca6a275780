import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isBenchError } from '../core/index.ts';
import type { TokenCounter } from '../model/index.ts';
import {
  createRecipes,
  type Dataset,
  type DatasetOptions,
  type LoadedDataset,
} from '../workload/index.ts';
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
      const { source } = loaded;
      assert.match(source.source, /\S/);
      assert.match(source.rule, /\S/);
      const file = subject.path === null ? null : readFileSync(subject.path);
      const sha256 = file === null ? null : createHash('sha256').update(file).digest('hex');
      assert.equal(source.sha256, sha256, 'the hash is that of the file');
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
        const loaded = await load(subject, counter);
        const prompts = promptsOf(loaded, 5, 'level', distinctFirstWords);
        if (loaded.prefix) {
          const beginnings = new Set(prompts.map((text) => beginningOf(text, loaded)));
          assert.ok(beginnings.size <= loaded.prefix.groups, 'no more beginnings than it says');
          continue;
        }
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
        for (const own of [1, 2, 32, 500]) {
          const tokens = own + (loaded.prefix?.tokens ?? 0);
          const text = loaded.promptText({ dataset: loaded.id, seed: 9, row: 0 }, tokens);
          assert.equal(wordsOf(text).length, tokens);
        }
        return;
      }
      assert.ok(loaded.rows.length > 0, 'it has rows');
      for (const [row, counted] of someOf(loaded.rows)) {
        assert.ok(counted, 'all are counted where nothing else is asked for');
        const { inputTokens, outputTokens } = counted;
        const text = loaded.promptText({ dataset: loaded.id, seed: 9, row }, inputTokens);
        assert.equal(inputTokens, wordsOf(text).length, `row ${row}`);
        const fits = outputTokens === null || (Number.isInteger(outputTokens) && outputTokens > 0);
        assert.ok(fits, `row ${row}: ${outputTokens} output tokens`);
      }
    },
  },
  {
    name: 'leaves room for what the server adds to a prompt',
    async run(subject) {
      const promptTokens = 7;
      const plain = await load(subject, wordCounter);
      const messageTokens = { system: 0, user: 0, assistant: 0 };
      const options = { overhead: { promptTokens, messageTokens } };
      const loaded = await load(subject, wordCounter, options);
      if (loaded.rows === null) {
        const tokens = 64 + (loaded.prefix?.tokens ?? 0);
        const text = loaded.promptText({ dataset: loaded.id, seed: 3, row: 0 }, tokens);
        assert.equal(wordsOf(text).length, tokens - promptTokens);
        assert.notEqual(loaded.hash, plain.hash, 'other texts, another hash');
      } else {
        const more = loaded.rows.map(
          (row, i) => Number(row?.inputTokens) - Number(plain.rows?.[i]?.inputTokens),
        );
        assert.ok(more.every((tokens) => tokens === promptTokens));
      }
    },
  },
  {
    name: 'sends conversations as messages where the API takes them',
    async run(subject) {
      const loaded = await load(subject, wordCounter, { chat: true });
      assert.equal(loaded.messages !== undefined, subject.dataset.conversations === true);
      if (loaded.messages === undefined) return;
      for (const [row, counted] of someOf(loaded.rows ?? [])) {
        const inputTokens = counted?.inputTokens;
        const messages = loaded.messages({ dataset: loaded.id, seed: 4, row });
        assert.equal(messages.at(-1)?.role, 'user', 'a turn ends with what is asked');
        const words = messages.flatMap(({ content }) => wordsOf(content));
        assert.equal(words.length, inputTokens, `row ${row}`);
      }
    },
  },
  {
    name: 'sends only the rows that may be sent',
    async run(subject) {
      const loaded = await load(subject);
      if (loaded.rows === null) return;
      const loadedRows = loaded.rows;
      const usable = new Set([0, loadedRows.length - 1]);
      const rows = loadedRows.map((row, i) => (usable.has(i) ? row : null));
      const recipe = createRecipes({ dataset: { ...loaded, rows }, seed: 1, salt: 'a' });
      assert.deepEqual(new Set([0, 1, 2, 3].map((index) => recipe(index).row)), usable);
      // One is needed: what is not counted is not sent either.
      const needed = await load(subject, wordCounter, { rowsNeeded: 1, seed: 5 });
      const one = createRecipes({ dataset: needed, seed: 5, salt: 'a' })(0);
      assert.ok(needed.rows?.[one.row ?? -1], 'the first row in the order of the seed is counted');
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
      if (dataset.file === 'none') return;
      const path = '/nowhere/no-such-prompts';
      await refuses(dataset, path, path);
      await refuses(dataset, null, dataset.id);
      await refuses(dataset, '/', '/');
    },
  },
];

function load(
  { dataset, path }: DatasetSubject,
  counter: TokenCounter | null = null,
  options: Partial<DatasetOptions> = {},
) {
  return dataset.load({ counter, path, ...options });
}

/** Rows with their numbers: all of a small data set, evenly spread ones of a large one. */
function someOf<T>(rows: readonly T[]): [number, T][] {
  const step = Math.max(1, Math.floor(rows.length / 100));
  return [...rows.entries()].filter(([row]) => row % step === 0);
}

function beginningOf(text: string, { prefix }: LoadedDataset): string {
  // Half of it: without a tokenizer at hand its length is an estimate.
  return wordsOf(text)
    .slice(0, Math.floor((prefix?.tokens ?? 0) / 2))
    .join(' ');
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
