import { z } from 'zod';

const count = z.int().positive();
const afterTokens = z.int().nonnegative();

/** Which requests a fault hits; conditions given together must all hold, none given = every one. */
const whenSchema = z.strictObject({
  /** Requests number n, 2n, 3n ... (the first generation request is number 1). */
  every: count.optional(),
  /** Drawn per request from the spec's seed. */
  probability: z.number().min(0).max(1).optional(),
  /** First and last request number, both included. */
  from: count.optional(),
  to: count.optional(),
  /** Only requests that arrive so long after the server's start. */
  afterMs: z.number().nonnegative().optional(),
});

export type FaultWhen = z.output<typeof whenSchema>;

const when = whenSchema.prefault({});

export const faultSchema = z.discriminatedUnion('kind', [
  /** A plain HTTP error; the body defaults to the usual one of that status. */
  z.strictObject({
    kind: z.literal('http'),
    when,
    status: z.int().min(200).max(599).default(500),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    contentType: z.string().default('application/json'),
  }),
  /** 404 as vLLM says it. */
  z.strictObject({ kind: z.literal('model-not-found'), when }),
  /** 400, prompt too long, as llama.cpp says it. */
  z.strictObject({ kind: z.literal('context-length'), when }),
  /** 200 with an HTML page. */
  z.strictObject({ kind: z.literal('html'), when }),
  /** 200 with one complete JSON reply although a stream was asked for. */
  z.strictObject({ kind: z.literal('json-not-sse'), when }),
  z.strictObject({ kind: z.literal('hang-before-headers'), when }),
  z.strictObject({ kind: z.literal('hang-before-first-token'), when }),
  /** Nothing for `stallMs` after so many tokens (null: for ever); the slot stays taken. */
  z.strictObject({
    kind: z.literal('stall'),
    when,
    afterTokens: count.default(1),
    stallMs: z.number().nonnegative().nullable().default(null),
  }),
  /** An `error` event inside the 200 stream, then the end. */
  z.strictObject({
    kind: z.literal('error-event'),
    when,
    afterTokens: afterTokens.default(1),
    message: z.string().default('EngineCore encountered an issue.'),
    done: z.boolean().default(true),
  }),
  /** The stream ends without finish_reason and [DONE]; abrupt: also without the last HTTP chunk. */
  z.strictObject({
    kind: z.literal('truncate'),
    when,
    afterTokens: afterTokens.default(1),
    abrupt: z.boolean().default(false),
  }),
  /** RST; `afterTokens` null: before any response byte, 0: behind the headers. */
  z.strictObject({
    kind: z.literal('reset'),
    when,
    afterTokens: afterTokens.nullable().default(null),
  }),
  /** A whole stream, gzip-encoded although not asked for. */
  z.strictObject({ kind: z.literal('gzip'), when }),
  /** 200 text/event-stream with no byte in the body. */
  z.strictObject({ kind: z.literal('empty-body'), when }),
  /** 200 text/event-stream whose data is no JSON. */
  z.strictObject({ kind: z.literal('garbage'), when }),
  /** New connections are refused from request number `when.from` on (default 1: from the start). */
  z.strictObject({ kind: z.literal('refuse'), when }),
]);

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
