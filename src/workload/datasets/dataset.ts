import { createRng, hash32 } from '../../core/index.ts';
import type { PromptRecipe, TokenCounter } from '../../model/index.ts';

/** A source of prompts; one file and one registry line each. */
export interface Dataset {
  readonly id: string;
  /** One line for lists. */
  readonly title: string;
  /** What follows the colon of `id:PATH`: a file this dataset needs, or nothing. */
  readonly takesPath: boolean;
  /** @throws BenchError WORKLOAD_*; never falls back to other data. */
  load(options: DatasetOptions): Promise<LoadedDataset>;
}

export interface DatasetOptions {
  /** The tokenizer of the measured model; null when none is at hand (lengths are then estimates). */
  counter: TokenCounter | null;
  path: string | null;
  /** False keeps prompts as they are in a file, also when a prefix cache may then answer. */
  salted?: boolean;
}

export interface LoadedDataset {
  readonly id: string;
  /** SHA-256 of everything that decides prompt texts, beside the recipes. */
  readonly hash: string;
  /** Rows with lengths of their own; null for generated text. */
  readonly rows: readonly DatasetRow[] | null;
  /** The prompt of a recipe: same arguments, same text. */
  promptText(recipe: PromptRecipe, inputTokens: number): string;
  /** What it is and how exact its lengths are, for the result. */
  readonly describe: string;
}

/** Lengths in tokens; the text stays inside the dataset. */
export interface DatasetRow {
  inputTokens: number;
  /** Null when the row does not say: the level's output length then applies. */
  outputTokens: number | null;
}

/**
 * Recipes of one level, by index. Seeds run upwards from a start that the run seed and the salt
 * decide, so neighbours never repeat, and prompts (whose first word follows the seed) share no
 * first word with the requests before them. Rows come in an order that the run seed alone decides:
 * every level sends the same rows; each row is used once before any is used again.
 */
export function createRecipes(options: {
  dataset: LoadedDataset;
  seed: number;
  salt: string | number;
}): (index: number) => PromptRecipe {
  const { dataset, seed, salt } = options;
  // Half of the 32-bit range: 2^31 requests pass before a seed wraps around.
  const start = hash32(`${seed}/prompt/${salt}`) >>> 1;
  const order = dataset.rows === null ? null : shuffledIndexes(dataset.rows.length, seed);
  return (index) => ({
    dataset: dataset.id,
    seed: (start + index) >>> 0,
    row: order === null ? null : (order[index % order.length] ?? null),
  });
}

/** Fisher-Yates (Knuth, TAOCP 2, algorithm P). */
function shuffledIndexes(length: number, seed: number): Uint32Array {
  const rng = createRng(seed, 'rows');
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
