import { z } from 'zod';
import type { Comparison } from '../model/index.ts';
import { findingSchema } from './envelope-schema.ts';

/** See src/model/comparison.ts. */
const number = z.number().nullable();

const blockSchema = z.object({
  index: z.number(),
  order: z.array(z.enum(['A', 'B', 'again'])).describe('Who was measured when; empty if stored.'),
  valid: z.boolean(),
  reason: z.string().nullable(),
  planHash: z.string().nullable(),
  values: z
    .record(z.string(), z.object({ a: number, b: number, again: number.exactOptional() }))
    .describe('Metric key to the value of each side.'),
});

const resultSchema = z.object({
  metric: z.string(),
  title: z.string(),
  unit: z.string(),
  better: z.enum(['lower', 'higher']),
  primary: z.boolean().describe('Named before the run: part of the correction for several tests.'),
  n: z.object({ a: z.number(), b: z.number() }),
  a: number,
  b: number,
  ratio: number.describe('exp(mean log(b / a)).'),
  low: number,
  high: number,
  confidence: z.number(),
  basis: z.enum(['pairs', 'two-samples', 'one-against-several', 'within-run']).nullable(),
  p: number,
  pHolm: number,
  equivalence: z.object({
    low: number,
    high: number,
    marginShare: z.number(),
    within: z.boolean().nullable(),
  }),
  wilcoxon: z.object({ p: number, note: z.string().nullable() }),
  detectableShare: number.describe('Smallest |ratio - 1| found with 80 % power.'),
  noiseFloor: z
    .object({ ratio: z.number(), low: z.number(), high: z.number(), blocks: z.number() })
    .nullable(),
  verdict: z.enum([
    'a-better',
    'b-better',
    'equivalent',
    'no-detectable-difference',
    'too-few',
    'not-measured',
    'not-tested',
  ]),
});

const direction = z.enum(['better', 'worse', 'same']);

const toggleSchema = z.object({
  flag: z.string(),
  optimisation: z.string().nullable(),
  rows: z.array(
    z.object({
      aspect: z.enum(['TTFT', 'TBT', 'throughput']),
      metric: z.string(),
      expected: direction.nullable(),
      measured: z.enum(['better', 'worse', 'same', 'unknown']),
      ratio: number,
    }),
  ),
});

const sideSchema = z.object({
  label: z.string(),
  describe: z.string(),
  results: z.array(z.string()).describe('Result folders, relative to the comparison.'),
});

export const comparisonSchema = z.object({
  schema: z.literal('inferencebench.comparison.v1'),
  comparisonId: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  status: z.enum(['complete', 'partial', 'failed']),
  exitCode: z.number(),
  tool: z.object({ name: z.literal('inferencebench'), version: z.string() }),
  command: z.object({
    argv: z.array(z.string()),
    resolved: z.record(z.string(), z.unknown()),
  }),
  seed: z.number(),
  design: z.enum(['paired', 'stored']),
  replication: z.enum(['relaunched', 'single-launch', 'stored-results']),
  sides: z.tuple([sideSchema, sideSchema]),
  load: z.string(),
  planHash: z.string().nullable(),
  blocksAsked: z.number(),
  blocks: z.array(blockSchema),
  results: z.array(resultSchema),
  gate: z
    .object({
      maxRegressionShare: z.number(),
      regressions: z.array(z.string()),
      undecided: z.array(z.string()),
    })
    .nullable(),
  toggle: toggleSchema.nullable(),
  mismatches: z.array(
    z.object({ field: z.string(), a: z.string(), b: z.string(), allowed: z.boolean() }),
  ),
  findings: z.array(findingSchema),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().nullable() })
    .nullable(),
}) satisfies z.ZodType<Comparison>;
