import type { LoadSpec } from './load.ts';

/** How one prompt is made; together with the plan's seed it decides every byte. */
export interface PromptRecipe {
  /** Id of the dataset that turns the recipe into text. */
  dataset: string;
  /** 32-bit seed of this prompt; also its salt, so that no two prompts share a first token. */
  seed: number;
  /** Row of a data set with rows, or which of its shared beginnings; null for other text. */
  row: number | null;
}

export interface PlannedRequest {
  /** 0-based within the level; requests past `countedRequests` are the uncounted tail. */
  index: number;
  /** Offset from the level's start, microseconds; null in a closed loop (sent when a slot frees). */
  intendedUs: number | null;
  /** Prompt tokens asked for, as the server counts them: with chat template and special tokens. */
  inputTokens: number;
  /** Output tokens asked for (`max_tokens`). */
  outputTokens: number;
  prompt: PromptRecipe;
}

/** One message of a chat, as the OpenAI API has it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/**
 * What one level will send, decided before its first send. `at(i)` is defined for every
 * i >= 0: arrivals go on, uncounted, until the last counted request has ended.
 */
export interface LevelPlan {
  load: LoadSpec;
  seed: number;
  countedRequests: number;
  /**
   * Length of the counted window from the level's start, microseconds; null when the number of
   * requests was asked for rather than a duration (the window then ends at the last intended send).
   */
  durationUs: number | null;
  at(index: number): PlannedRequest;
  /** The counted requests' prompt text. Deterministic, may be called again (recompute, audit). */
  promptText(request: PlannedRequest): string;
  /** The same as messages, for the chat API; absent: one message of the user. */
  messages?(request: PlannedRequest): readonly ChatMessage[];
  /** SHA-256 over the counted requests, the rule of the tail, the load and the seed. */
  hash: string;
}
