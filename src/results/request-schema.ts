import { z } from 'zod';
import { outcomes, type RequestRecord } from '../model/index.ts';

const timeUs = z.number();

/** One line of requests.jsonl: a RequestRecord whose chunks lie in records.bin. */
export const requestLineSchema = z.object({
  level: z.number(),
  index: z.number(),
  requestId: z.string(),
  counted: z.boolean(),
  intendedUs: timeUs.describe("Microseconds since the run's origin, like all times here."),
  sentUs: timeUs.nullable(),
  connectUs: timeUs,
  dnsUs: timeUs.exactOptional(),
  tlsUs: timeUs.exactOptional(),
  writtenUs: timeUs.nullable().exactOptional(),
  targetIndex: z.number().exactOptional().describe("Which of the target's URLs, from 0."),
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
    .object({
      rows: z.number().describe('How many token-bearing chunks arrived.'),
      page: z.number().exactOptional(),
      row: z.number().exactOptional(),
    })
    .describe(
      'In results that have a chunks.bin: rows `row` to `row + rows - 1` of its page number `page`, both from 0.',
    ),
});

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type RequestLine = Omit<RequestRecord, 'chunks'> & {
  chunks: { rows: number; page?: number; row?: number };
};
true satisfies Same<z.infer<typeof requestLineSchema>, RequestLine>;
