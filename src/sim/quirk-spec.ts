import { z } from 'zod';

/** Ways in which servers differ from what a client would like; the defaults are a server without any. */
export const quirksSchema = z.strictObject({
  /** Request fields that it takes and does not act on: `stop`, `stream_options.include_usage`. */
  ignores: z.array(z.string().min(1)).default([]),
  /** Added to what usage tells. */
  usageOffset: z
    .strictObject({ prompt: z.int().default(0), completion: z.int().default(0) })
    .prefault({}),
  /** Tokens beyond max_tokens. */
  extraTokens: z.int().nonnegative().default(0),
  /** finish_reason instead of what is true. */
  finishReason: z.string().nullable().default(null),
  /** A greedy text is another one: every time, or whenever other requests are running. */
  greedyNoise: z.enum(['none', 'always', 'under-load']).default('none'),
  /** Shape of errors: OpenAI's `{error: {message}}`, FastAPI's `{detail}`, or plain text. */
  errorShape: z.enum(['openai', 'detail', 'text']).default('openai'),
  /** A body that is no JSON: refused (400), answered as if it were a short prompt, or a 500. */
  badJson: z.enum(['refuse', 'accept', 'crash']).default('refuse'),
  /** A prompt beyond the context: refused (400), or cut to what fits. */
  tooLong: z.enum(['refuse', 'cut']).default('refuse'),
  /** Generates to the end although the client has hung up. */
  keepsGenerating: z.boolean().default(false),
  /** `cached_tokens` in usage also where it is 0. */
  tellsCachedTokens: z.boolean().default(false),
  /** Names of metrics that no client knows. */
  foreignMetrics: z.boolean().default(false),
  /** The content begins with a think tag. */
  thinkTag: z.boolean().default(false),
  /** Only the first so many tokens have log probabilities; null = all. */
  logprobsFor: z.int().nonnegative().nullable().default(null),
  /** Retry-After, seconds, where the queue is full. */
  retryAfterS: z.int().nonnegative().nullable().default(null),
});

export type Quirks = z.output<typeof quirksSchema>;
