import { createRng, hash32 } from '../../core/index.ts';
import type { ChatMessage, PromptRecipe, TokenCounter } from '../../model/index.ts';
import type { LengthSpec } from '../lengths.ts';

/** A source of prompts; one file and one registry line each. */
export interface Dataset {
  readonly id: string;
  /** Other names for it, such as those of other tools. */
  readonly aliases?: readonly string[];
  /** One line for lists. */
  readonly title: string;
  /** What follows the colon of `id:FILE`. optional: without one the data is fetched. */
  readonly file: 'none' | 'required' | 'optional';
  /** Where lengths come from: generated text has any length, rows have their own. */
  readonly lengthsFrom: 'options' | 'rows';
  /** Lengths that make the data set what it is; options must not change them. */
  readonly lengths?: { readonly input: LengthSpec; readonly output: LengthSpec };
  /** Beginnings shared by several prompts, where the options name none. */
  readonly prefix?: PrefixSpec;
  /** Prompts are conversations: the chat API sends them as they are. */
  readonly conversations?: boolean;
  /** @throws BenchError WORKLOAD_*, PREREQ_*; never falls back to other data. */
  load(options: DatasetOptions): Promise<LoadedDataset>;
}

/** Beginnings that several prompts share, as system prompts do. */
export interface PrefixSpec {
  /** Length of each, on top of the prompt's own tokens. */
  readonly tokens: number;
  /** Number of different ones. */
  readonly groups: number;
}

export interface DatasetOptions {
  /** The tokenizer of the measured model; null when none is at hand (lengths are then estimates). */
  counter: TokenCounter | null;
  path: string | null;
  /** False keeps prompts as they are in a file, also when a prefix cache may then answer. */
  salted?: boolean;
  /** Tokens that the server adds to every prompt; absent: none. */
  overhead?: PromptOverhead;
  /** The chat API will be driven: conversations go out as messages. Absent: false. */
  chat?: boolean;
  /** Seed of what all prompts share; absent: 0. */
  seed?: number;
  prefix?: PrefixSpec | null;
  /** So many rows will do: the first in the order of the seed. Absent: all. */
  rowsNeeded?: number;
  /** Finds or fetches the file of a data set that is not named by a path. */
  findFile?(id: string): Promise<DataFile>;
}

/** What a server puts around the messages of a prompt, tokens. */
export interface PromptOverhead {
  /** Of a prompt of one message: chat template and special tokens. */
  promptTokens: number;
  /** Of each earlier message of a conversation, by whose it is. */
  messageTokens: Readonly<Record<ChatMessage['role'], number>>;
}

export const noOverhead: PromptOverhead = {
  promptTokens: 0,
  messageTokens: { system: 0, user: 0, assistant: 0 },
};

/** A file with data, and where it is from. */
export interface DataFile {
  path: string;
  /** Where it was fetched: a package and its version, a repository. */
  source: string;
  revision: string | null;
}

/** Where prompts come from, for the result. */
export interface DataSource {
  source: string;
  revision: string | null;
  /** SHA-256 of the file; null for generated text. */
  sha256: string | null;
  /** Which rows are taken and in which order, or how text is made. */
  rule: string;
}

export interface LoadedDataset {
  readonly id: string;
  /** SHA-256 of everything that decides prompt texts, beside the recipes. */
  readonly hash: string;
  /**
   * Rows with lengths of their own; null for generated text. A row that is null is not to be sent:
   * it does not fit, or nobody counted its tokens.
   */
  readonly rows: readonly (DatasetRow | null)[] | null;
  /** Beginnings that several prompts share; a recipe's row says which. Absent or null: none. */
  readonly prefix?: PrefixSpec | null;
  /** The prompt of a recipe: same arguments, same text. */
  promptText(recipe: PromptRecipe, inputTokens: number): string;
  /** The same as messages, where prompts are conversations. */
  messages?(recipe: PromptRecipe): readonly ChatMessage[];
  /** What it is and how exact its lengths are, for the result. */
  readonly describe: string;
  readonly source: DataSource;
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
 * every level sends the same rows; each row is used once before any is used again. So do the
 * groups of prompts that share a beginning.
 */
export function createRecipes(options: {
  dataset: Pick<LoadedDataset, 'id' | 'rows' | 'prefix'>;
  seed: number;
  salt: string | number;
}): (index: number) => PromptRecipe {
  const { dataset, seed, salt } = options;
  // Half of the 32-bit range: 2^31 requests pass before a seed wraps around.
  const start = hash32(`${seed}/prompt/${salt}`) >>> 1;
  const { rows } = dataset;
  const order = rows && rowOrder(rows.length, seed).filter((row) => rows[row] !== null);
  const groups = dataset.prefix?.groups ?? null;
  const rowOf = (index: number) => {
    if (order !== null) return order[index % order.length] ?? null;
    return groups === null ? null : hash32(`${seed}/group/${index}`) % groups;
  };
  return (index) => ({
    dataset: dataset.id,
    seed: (start + index) >>> 0,
    row: rowOf(index),
  });
}

/** The order in which the rows of a data set are sent: Fisher-Yates (Knuth, TAOCP 2, algorithm P). */
export function rowOrder(length: number, seed: number): Uint32Array {
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
