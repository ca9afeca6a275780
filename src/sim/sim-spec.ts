import { z } from 'zod';
import { faultSchema } from './fault-spec.ts';
import { quirksSchema } from './quirk-spec.ts';
import { wireSchema } from './wire-spec.ts';

const count = z.int().positive();
const ms = z.number().nonnegative();
const since = z.enum(['start', 'first-request']).default('start');

/**
 * Everything a simulated server does, as data. Times are milliseconds. All randomness comes from
 * `seed`. Every field has a default; together they make a plain vLLM-like server.
 */
export const simSpecSchema = z.strictObject({
  /** Names that /v1/models lists; any other name is a 404 unless `acceptAnyModel`. */
  models: z.array(z.string().min(1)).min(1).default(['sim-model']),
  acceptAnyModel: z.boolean().default(false),
  seed: z.int().default(1),

  /** Requests served at once; null = unlimited. */
  slots: count.nullable().default(64),
  /** Requests that may wait for a slot; null = unlimited. Beyond it `queueFullStatus`. */
  queue: z.int().nonnegative().nullable().default(null),
  queueFullStatus: z.union([z.literal(503), z.literal(429)]).default(503),

  /** Slot to first token: baseMs + perTokenMs x prompt tokens that are not cached. */
  prefill: z.strictObject({ baseMs: ms.default(20), perTokenMs: ms.default(0.05) }).prefault({}),
  /** Between two decode steps; a step yields `tokensPerChunk` tokens in one chunk. */
  decode: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant'), itlMs: ms }),
      z.strictObject({ kind: z.literal('exponential'), meanMs: ms }),
      /** Repeats from its start. */
      z.strictObject({ kind: z.literal('list'), itlMs: z.array(ms).min(1) }),
    ])
    .default({ kind: 'constant', itlMs: 10 }),
  /**
   * by-token: prefill + decode as above. constant, exponential: the whole service (slot to last
   * token) takes that time, its tokens evenly spread, so that one slot is M/D/1 or M/M/1.
   */
  service: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('by-token') }),
      z.strictObject({ kind: z.literal('constant'), ms }),
      z.strictObject({ kind: z.literal('exponential'), meanMs: ms }),
    ])
    .default({ kind: 'by-token' }),
  /** Every prefill and step is multiplied by a uniform draw from [1 - jitter, 1 + jitter]. */
  jitter: z.number().min(0).max(1).default(0),
  /** Tokens of each chunk; a list repeats from its start (speculative decoding). */
  tokensPerChunk: z.union([count, z.array(count).min(1)]).default(1),

  /** Slower at first by `factor`, for so many seconds or requests (the larger factor counts). */
  warmUp: z
    .strictObject({
      factor: z.number().min(1),
      forS: z.number().positive().optional(),
      forRequests: count.optional(),
      /** linear: the factor falls to 1 over that stretch; step: stays, then is gone. */
      shape: z.enum(['linear', 'step']).default('linear'),
      since,
    })
    .refine((w) => w.forS !== undefined || w.forRequests !== undefined, {
      message: 'needs forS or forRequests',
    })
    .nullable()
    .default(null),
  /** The engine stands still once, for durationMs. */
  freeze: z.strictObject({ atMs: ms, durationMs: ms, since }).nullable().default(null),
  /** Each request (running or waiting) above `aboveInFlight` makes every delay that share longer. */
  collapse: z
    .strictObject({ aboveInFlight: z.int().nonnegative(), slowdownPerRequest: ms })
    .nullable()
    .default(null),

  /** Tokens that the chat template adds to the words of the messages. */
  chatTemplateTokens: z.int().nonnegative().default(8),
  /** Prompt + output beyond it is a 400. */
  contextTokens: count.default(8192),
  /** Output of a request that names no maximum. */
  defaultOutputTokens: count.default(128),
  /** Blocks of a prompt's beginning that were seen before need no prefill. */
  prefixCache: z
    .strictObject({ blockTokens: count.default(16) })
    .nullable()
    .default(null),
  /** With this probability a request ends (finish_reason stop) at a uniform earlier length. */
  stopEarly: z
    .strictObject({
      probability: z.number().min(0).max(1),
      /** true: also under ignore_eos / min_tokens. */
      ignoresIgnoreEos: z.boolean().default(false),
    })
    .nullable()
    .default(null),
  /** Request fields answered by an error instead of a reply. */
  rejectFields: z
    .array(
      z.strictObject({
        field: z.string().min(1),
        status: z.union([z.literal(400), z.literal(422)]).default(422),
      }),
    )
    .default([]),

  /**
   * So many generation requests in each window, counted from the first; beyond it a 429. Every reply
   * says so in `x-ratelimit-*` headers, a 429 also when to come again.
   */
  rateLimit: z
    .strictObject({
      requests: z.int().nonnegative(),
      windowMs: z.number().positive().default(60_000),
      retryAfter: z.enum(['seconds', 'date', 'none']).default('seconds'),
    })
    .nullable()
    .default(null),

  /** A bearer key without which everything but /health is a 401. */
  apiKey: z.string().min(1).nullable().default(null),
  /** 503 on every route until so long after the start. */
  readyAfterMs: ms.default(0),
  /** Whether the optional routes exist. */
  routes: z
    .strictObject({
      tokenize: z.boolean().default(true),
      metrics: z.boolean().default(true),
      props: z.boolean().default(false),
      models: z.boolean().default(true),
      health: z.boolean().default(true),
      chat: z.boolean().default(true),
      completions: z.boolean().default(true),
    })
    .prefault({}),
  wire: wireSchema.prefault({}),
  /**
   * counted: every reply is the same list of words. sampled: words follow from the prompt, and with a
   * temperature above 0 from the seed (without one: another text each time).
   */
  text: z.enum(['counted', 'sampled']).default('counted'),
  quirks: quirksSchema.prefault({}),
  /** The first fault whose `when` holds hits the request. */
  faults: z.array(faultSchema).default([]),
});

/** A complete spec, every default filled in. */
export type SimSpec = z.output<typeof simSpecSchema>;
/** What a person writes: any part of a spec. */
export type SimSpecInput = z.input<typeof simSpecSchema>;
