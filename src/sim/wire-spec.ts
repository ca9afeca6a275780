import { z } from 'zod';

const count = z.int().positive();

/** How replies look on the wire; the defaults are those of vLLM's OpenAI server. */
export const wireSchema = z.strictObject({
  /** Response headers at once, or only together with the first event. */
  headers: z.enum(['early', 'with-first-event']).default('early'),
  /**
   * The chunk that names the role. before-prefill: transformers, llama.cpp with progress;
   * at-first-token: vLLM, llama.cpp; in-delta: `role` inside every delta (mlx_lm); chat only.
   */
  roleChunk: z
    .enum(['before-prefill', 'at-first-token', 'in-delta', 'none'])
    .default('at-first-token'),
  /** finish_reason on the chunk of the last token, or on an empty chunk behind it. */
  finish: z.enum(['on-last-token', 'separate']).default('on-last-token'),
  /**
   * Where usage goes. separate: a chunk with empty `choices`; on-finish: on the chunk with the
   * finish_reason; continuous: a running count on every chunk and a separate one at the end.
   */
  usage: z.enum(['none', 'separate', 'on-finish', 'continuous']).default('continuous'),
  /** asked: only as far as the request's stream_options ask for it. */
  usageWhen: z.enum(['asked', 'always']).default('asked'),
  /** `data: [DONE]` at the end. */
  done: z.boolean().default(true),
  newline: z.enum(['lf', 'crlf', 'cr']).default('lf'),
  /** `data: x` (true) or `data:x`. */
  spaceAfterColon: z.boolean().default(true),
  /** Pretty-printed JSON, one `data:` line per line of it. */
  multiLineData: z.boolean().default(false),
  /** chunked transfer encoding, or a body that ends with the connection. */
  body: z.enum(['chunked', 'close-delimited']).default('chunked'),
  /** A `: keepalive` comment every so many milliseconds while the stream is open. */
  keepAliveMs: z.number().positive().nullable().default(null),
  /** Every n-th token chunk carries empty text although its tokens count. */
  emptyTextEvery: count.nullable().default(null),
  /** The first `tokens` tokens are reasoning, under this delta field; chat only. */
  reasoning: z
    .strictObject({ field: z.string().min(1).default('reasoning_content'), tokens: count })
    .nullable()
    .default(null),
  /** Tokens come as arguments of a tool call; chat only. */
  toolCalls: z.boolean().default(false),
  /** Text with multi-byte characters. */
  multiByteText: z.boolean().default(false),
  /** So many token events are held back and written at once (the rest with the end). */
  eventsPerWrite: count.default(1),
  /** Each event's bytes are cut into so many writes, `writeGapMs` apart. */
  writesPerEvent: count.default(1),
  writeGapMs: z.number().nonnegative().default(2),
  /** Fields that no client knows, in every chunk. */
  unknownFields: z.boolean().default(false),
  /** llama.cpp's `timings`. */
  timings: z.enum(['none', 'on-finish', 'per-chunk']).default('none'),
  /** Extra response headers. */
  extraHeaders: z.record(z.string(), z.string()).default({}),
});

export type WireSpec = z.output<typeof wireSchema>;
export type WireSpecInput = z.input<typeof wireSchema>;

/** Shapes of real engines, from the recordings in test/fixtures/engines. */
export const wirePresets = {
  vllm: {},
  'llama.cpp': {
    finish: 'separate',
    usage: 'separate',
    timings: 'on-finish',
    extraHeaders: { Server: 'llama.cpp' },
  },
  mlx: {
    roleChunk: 'in-delta',
    finish: 'separate',
    usage: 'separate',
    body: 'close-delimited',
    keepAliveMs: 250,
  },
  transformers: {
    roleChunk: 'before-prefill',
    finish: 'separate',
    usage: 'on-finish',
    usageWhen: 'always',
    done: false,
  },
} as const satisfies Record<string, WireSpecInput>;
