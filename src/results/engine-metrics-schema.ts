import { z } from 'zod';

/** What the engine said of itself; see src/model/engine-metrics.ts. */
const gauge = z.object({ mean: z.number(), max: z.number() }).nullable();
const spread = z.object({
  quantiles: z.array(
    z.object({
      p: z.number(),
      clientMs: z.number(),
      engineLowMs: z.number(),
      engineHighMs: z.number().nullable().describe('Null: in the bucket that has no end.'),
    }),
  ),
  ahead: z
    .object({ upToMs: z.number(), engineRequests: z.number(), clientRequests: z.number() })
    .nullable()
    .describe('Bound below which the client has most more requests than the engine.'),
});
const view = z
  .object({
    engineMs: z.number(),
    clientMs: z.number(),
    outsideMs: z.number().describe('clientMs - engineMs: network and client.'),
    engineRequests: z.number(),
    clientRequests: z.number(),
    spread: spread.nullable().exactOptional().describe("By the buckets of the engine's histogram."),
  })
  .nullable();

export const levelEngineSchema = z.object({
  samples: z.number(),
  spanS: z.number().nullable(),
  running: gauge,
  waiting: gauge,
  kvUse: gauge.describe('0 to 1.'),
  preemptions: z.number().nullable(),
  prefixHitShare: z.number().nullable(),
  acceptedShare: z.number().nullable().describe('Of speculative decoding.'),
  promptTokensPerS: z.number().nullable(),
  generationTokensPerS: z.number().nullable(),
  queueMs: z.number().nullable(),
  prefillMs: z.number().nullable(),
  decodeMs: z.number().nullable(),
  ttft: view,
  e2e: view,
  tpot: view.exactOptional(),
  reason: z.string().nullable(),
});

export const engineMetricsInfoSchema = z.object({
  urls: z.array(z.string()),
  family: z.string().nullable(),
  source: z.string().nullable(),
  intervalMs: z.number(),
  scrapes: z.number(),
  failed: z.number(),
  meanScrapeMs: z.number().nullable(),
  unavailable: z.array(z.string()).describe('Of the vocabulary: what this engine does not say.'),
  file: z.string().nullable().describe('Every series as it was read.'),
  reason: z.string().nullable(),
});
