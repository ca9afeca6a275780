// zod: validation, static type and published JSON Schema from one definition. Loaded only when a
// stored result is read (read-envelope.ts imports this module lazily): it costs start-up time.
import { z } from 'zod';
import type { Envelope } from '../model/index.ts';
import { clientVerdictSchema, loadFiguresSchema, selftestSchema } from './client-schema.ts';
import { engineMetricsInfoSchema, levelEngineSchema } from './engine-metrics-schema.ts';
import {
  gateSchema,
  keepingUpSchema,
  methodSchema,
  roleSchema,
  sloOutcomeSchema,
  steadySchema,
  tokenPriceSchema,
} from './method-schema.ts';
import {
  levelMachineSchema,
  levelPowerSchema,
  powerInfoSchema,
  systemSchema,
} from './system-schema.ts';

const unknownRecord = z.record(z.string(), z.unknown());

export const findingSchema = z.object({
  code: z.string().describe('Stable, kebab-case.'),
  severity: z.enum(['info', 'warning', 'invalid']),
  message: z.string(),
  level: z.number().exactOptional().describe('0-based level; absent for the whole run.'),
});

export const loadSchema = z.object({
  kind: z.enum(['open', 'closed']),
  rateRps: z.number().nullable(),
  concurrencyAsked: z.number().nullable(),
  maxConcurrency: z.number().nullable(),
  arrival: z.string().nullable(),
});

const intervalSchema = z
  .union([
    z.object({
      low: z.number(),
      high: z.number(),
      method: z.enum(['block-bootstrap', 'order-statistics']),
    }),
    z.object({
      low: z.null(),
      high: z.null(),
      reason: z.literal('too-short'),
      neededS: z.number().nullable(),
    }),
  ])
  .describe('95 % confidence interval, or why there is none.');

const levelMetricsSchema = z.object({
  values: z
    .record(z.string(), z.union([z.number(), z.null(), z.literal('inf')]))
    .describe('Metric key (snake case with unit) to value; null = not measured or not defined.'),
  intervals: z.record(z.string(), intervalSchema),
  flags: z.record(z.string(), z.literal('low-n')),
  chunkSizes: z.record(z.string(), z.number()).describe('Tokens in a chunk to number of chunks.'),
  outcomes: z.record(z.string(), z.number()).describe('Outcome to counted requests.'),
  reasons: z.record(z.string(), z.string()).exactOptional().describe('Why a value is null.'),
});

const levelSummarySchema = z.object({
  index: z.number(),
  load: loadSchema.extend({ concurrencyReached: z.number().nullable() }),
  status: z.enum(['complete', 'partial']),
  valid: z.boolean(),
  sloMet: z.boolean().nullable(),
  startUs: z.number(),
  windowStartUs: z.number(),
  windowEndUs: z.number(),
  endUs: z.number(),
  planHash: z.string(),
  requestsPlanned: z.number(),
  metrics: levelMetricsSchema,
  findings: z.array(findingSchema),
  client: clientVerdictSchema.extend({ figures: loadFiguresSchema }).nullable(),
  role: roleSchema.exactOptional().describe('What the level is for; absent: a plain level.'),
  launch: z.number().exactOptional().describe('Start of the server it was measured on, from 1.'),
  slos: z.array(sloOutcomeSchema).exactOptional(),
  keepingUp: keepingUpSchema.exactOptional(),
  leadIn: gateSchema.exactOptional(),
  steady: steadySchema.exactOptional(),
  power: levelPowerSchema.exactOptional(),
  engine: levelEngineSchema.exactOptional().describe('What the engine said of itself.'),
  machine: levelMachineSchema.exactOptional().describe('The machine that bench ran on.'),
});

const sloSchema = z.object({
  id: z.string(),
  ttftMs: z.number().nullable(),
  tpotMs: z.number().nullable(),
  e2eMs: z.number().nullable(),
  quantile: z.number(),
});

const modelSchema = z.object({
  asked: z.string(),
  served: z.string().nullable(),
  quantAsked: z.string().nullable(),
  quant: z.string().nullable(),
  file: z.object({ path: z.string(), bytes: z.number(), sha256: z.string().nullable() }).nullable(),
});

const engineSchema = z.object({
  id: z.string().nullable(),
  version: z.string().nullable(),
  started: z.boolean(),
  commandLine: z.array(z.string()).nullable(),
  configHash: z
    .string()
    .nullable()
    .exactOptional()
    .describe('SHA-256 of engine, version, command line and environment.'),
  settings: unknownRecord,
  log: z.string().nullable(),
});

const targetSchema = z.object({
  url: z.string(),
  api: z.enum(['chat', 'completions']),
  headers: z.record(z.string(), z.string()),
  extraBody: unknownRecord,
  droppedFields: z.array(z.string()),
  slots: z.number().nullable(),
  maxModelTokens: z.number().nullable(),
  limits: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('Limits that the server stated in the headers of its first answer.'),
});

const spendingSchema = z.object({
  requests: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  requestsWithoutUsage: z.number().describe('Counted by our own count.'),
  usd: z.number().nullable(),
  price: tokenPriceSchema.nullable(),
  maxTotalTokens: z.number().nullable(),
  maxCostUsd: z.number().nullable(),
});

const lengthFiguresSchema = z.object({
  count: z.number(),
  mean: z.number().nullable(),
  min: z.number().nullable(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  max: z.number().nullable(),
  histogram: z.array(z.object({ upTo: z.number(), count: z.number() })),
});
const lengthComparisonSchema = z.object({
  asked: lengthFiguresSchema,
  achieved: lengthFiguresSchema,
});

const promptsSchema = z.object({
  dataset: z.string(),
  source: z.string(),
  revision: z.string().nullable(),
  sourceSha256: z.string().nullable(),
  rule: z.string(),
  tokenizer: z.string().nullable(),
  rows: z.number().nullable(),
  rowsLeftOut: z.number().nullable(),
  lengthCheck: z
    .object({
      source: z.string(),
      prompts: z.number(),
      exact: z.boolean(),
      largestErrorTokens: z.number(),
      overheadTokens: z.number().nullable(),
      usageAgrees: z.boolean().nullable(),
    })
    .nullable(),
  requests: z.number(),
  requestsLookedAt: z.number(),
  requestsSha256: z.string().nullable(),
  uniquePrompts: z.number(),
  prefixReuseShare: z.number().nullable(),
  input: lengthComparisonSchema.describe('Prompt tokens, asked for and by usage.'),
  output: lengthComparisonSchema.describe('Output tokens, asked for and achieved.'),
});

const workloadSchema = z.object({
  dataset: z.string(),
  inputTokens: z.string(),
  outputTokens: z.string(),
  temperature: z.number(),
  ignoreEos: z.boolean(),
  prefixCache: z.string(),
  prompts: promptsSchema.exactOptional().describe('Where prompts come from and what they were.'),
});

const clientSchema = z.object({
  transport: z.string(),
  verdict: clientVerdictSchema.shape.verdict.nullable(),
  reason: z.string().nullable(),
  errorMs: clientVerdictSchema.shape.errorMs.nullable(),
  selftest: selftestSchema.nullable(),
  tokenizer: z.string().nullable(),
  eventLoopDelayP99Ms: z.number().nullable(),
  eventLoopDelayMaxMs: z.number().nullable(),
  gcMaxPauseMs: z.number().nullable(),
  dispatchLagP99Ms: z.number().nullable(),
  cpuShare: z.number().nullable(),
  sharesHost: z.boolean().nullable(),
});

const environmentSchema = z.object({
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  cpuModel: z.string(),
  cpuCount: z.number(),
  memoryBytes: z.number(),
  gpus: z.array(
    z.object({
      name: z.string(),
      memoryBytes: z.number().nullable(),
      driver: z.string().nullable(),
    }),
  ),
  hostnameHash: z.string(),
  container: z.boolean().nullable(),
  loadAverage1: z.number().nullable(),
  versions: z.record(z.string(), z.string()),
});

export const envelopeSchema = z.object({
  schema: z.literal('inferencebench.envelope.v1'),
  runId: z.string(),
  status: z.enum(['complete', 'partial', 'failed']),
  exitCode: z.number(),
  quickLook: z.boolean(),
  tool: z.object({
    name: z.literal('inferencebench'),
    version: z.string(),
    node: z.string(),
    gitCommit: z.string().nullable(),
    gitDirty: z.boolean().nullable(),
  }),
  startedAt: z.string().describe('ISO 8601, UTC: the origin to which record times are relative.'),
  endedAt: z.string(),
  command: z.object({ argv: z.array(z.string()), resolved: unknownRecord }),
  seed: z.number(),
  model: modelSchema,
  engine: engineSchema,
  target: targetSchema,
  hardware: z.object({ asked: z.string().nullable(), detected: z.string() }),
  workload: workloadSchema,
  slo: sloSchema.nullable(),
  client: clientSchema,
  environment: environmentSchema,
  coldStart: z.object({
    readyMs: z.number().nullable(),
    firstRequestMs: z.number().nullable(),
  }),
  levels: z.array(levelSummarySchema),
  headline: z.number().nullable().describe('Index into levels; null when there is none.'),
  metrics: levelMetricsSchema.describe("The headline level's metrics and the run-wide ones."),
  findings: z.array(findingSchema),
  method: methodSchema.exactOptional().describe('How the run was conducted.'),
  slos: z.array(sloSchema).exactOptional().describe('Every SLO asked for, slo first.'),
  system: systemSchema.exactOptional().describe('The system under test.'),
  spending: spendingSchema
    .exactOptional()
    .describe('What all requests came to, warm-up and preflight included.'),
  power: powerInfoSchema.exactOptional().describe('Which probe watched the run.'),
  engineMetrics: engineMetricsInfoSchema
    .exactOptional()
    .describe("Where the levels' engine comes from."),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().nullable() })
    .nullable(),
  files: z.record(z.string(), z.string()).describe('Files of the folder: path to SHA-256.'),
});

/** Fails to compile when the schema and the model's type drift apart, in either direction. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.infer<typeof envelopeSchema>, Envelope>;
