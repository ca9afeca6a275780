import { z } from 'zod';
import { outcomes, type RequestRecord } from '../model/index.ts';
import type { ChunkPointer } from './read-levels.ts';

const timeUs = z.number();

/** One line of requests.jsonl: a RequestRecord whose chunks lie in chunks.bin. */
export const requestLineSchema = z.object({
  level: z.number(),
  index: z.number(),
  requestId: z.string(),
  counted: z.boolean(),
  intendedUs: timeUs.describe("Microseconds since the run's origin, like all times here."),
  sentUs: timeUs.nullable(),
  connectUs: timeUs,
  headersUs: timeUs.nullable(),
  firstByteUs: timeUs.nullable(),
  firstChunkUs: timeUs.nullable(),
  firstTokenUs: timeUs.nullable(),
  lastTokenUs: timeUs.nullable(),
  endUs: timeUs,
  outcome: z.enum(outcomes),
  status: z.number().nullable(),
  error: z.string().nullable(),
  finishReason: z.string().nullable(),
  done: z.boolean(),
  inputTokensAsked: z.number(),
  outputTokensAsked: z.number(),
  inputTokensUsage: z.number().nullable(),
  outputTokensUsage: z.number().nullable(),
  cachedTokensUsage: z.number().nullable(),
  outputTokensCounted: z.number().nullable(),
  tokenSource: z.enum(['continuous-usage', 'tokenizer', 'one-per-chunk', 'assumed', 'none']),
  chunks: z
    .object({ page: z.number(), row: z.number(), rows: z.number() })
    .describe('Rows row to row + rows - 1 of page number `page` of chunks.bin, both from 0.'),
});

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type RequestLine = Omit<RequestRecord, 'chunks'> & { chunks: ChunkPointer };
true satisfies Same<z.infer<typeof requestLineSchema>, RequestLine>;
