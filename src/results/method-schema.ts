import { z } from 'zod';

/** How a run was conducted; see src/model/method.ts. */
export const sloOutcomeSchema = z.object({
  criterion: z.string().describe('SLO id, or id:limit for one limit alone.'),
  quantile: z.number(),
  requests: z.number(),
  misses: z.number(),
  attained: z.number().nullable(),
  lower: z.number().nullable().describe('One-sided 95 % Clopper–Pearson bound of the share.'),
  upper: z.number().nullable(),
  met: z.boolean().nullable(),
  verdict: z.enum(['proven', 'refuted', 'not-proven', 'unknown']),
});

export const keepingUpSchema = z.object({
  arrivals: z.number(),
  completions: z.number(),
  inFlightTrendPerS: z.number().nullable(),
  trendP: z.number().nullable(),
  verdict: z.enum(['keeps-up', 'falls-behind', 'unknown']),
  reason: z.string(),
});

export const gateSchema = z.object({
  gate: z.enum(['server-warm', 'lead-in']),
  passed: z.boolean(),
  requests: z.number(),
  elapsedS: z.number(),
  ttftCov: z.number().nullable(),
  tpotCov: z.number().nullable(),
  reason: z.string(),
  samples: z
    .object({
      ttftMs: z.array(z.number().nullable()),
      tpotMs: z.array(z.number().nullable()),
    })
    .exactOptional()
    .describe('Successful requests of the gate in order of their end, milliseconds.'),
});

export const steadySchema = z.object({
  cutRequests: z.number(),
  cutShare: z.number(),
  steady: z.boolean(),
});

export const roleSchema = z.enum(['level', 'sweep', 'sustained', 'lower', 'upper']);

const warmUpSchema = z.object({
  launch: z.number(),
  runs: z.number(),
  requestsPerRun: z.number(),
  inFlight: z.number(),
  failed: z.number(),
  meanServiceMs: z.array(z.number().nullable()),
});

const kneeSchema = z.object({
  criterion: z.string(),
  maxRateRps: z.number().nullable().describe('As planned; offeredRps is the better figure.'),
  offeredRps: z
    .number()
    .nullable()
    .exactOptional()
    .describe('Arrivals per second in the window of that level.'),
  failRps: z.number().nullable(),
  failOfferedRps: z.number().nullable().exactOptional(),
  level: z.number().nullable(),
  verdict: z.enum(['proven', 'refuted', 'not-proven', 'unknown']),
  failedBy: z.enum(['slo', 'falls-behind', 'errors', 'invalid']).nullable(),
});

const sweepSchema = z.object({
  kind: z.enum(['rates', 'article', 'auto']),
  stopped: z.string(),
  levels: z.array(z.number()),
  knees: z.array(kneeSchema),
});

const sustainedSchema = z.object({
  level: z.number().nullable(),
  rateRps: z.number().nullable(),
  durationS: z.number(),
  passed: z.boolean(),
  failedRps: z.array(z.number()),
  reason: z.string(),
});

const launchSchema = z.object({
  launch: z.number(),
  seed: z.number(),
  readyMs: z.number().nullable(),
  firstRequestMs: z.number().nullable(),
  levels: z.array(z.number()),
});

const launchAggregateSchema = z.object({
  role: roleSchema,
  rateRps: z.number().nullable(),
  maxConcurrency: z.number().nullable().exactOptional(),
  metric: z.string(),
  values: z.array(z.number().nullable()),
  mean: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

const checklistRowSchema = z.object({
  id: z.string(),
  asks: z.string(),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  fact: z.string(),
});

const dated = { item: z.string(), source: z.string(), date: z.string().describe('ISO 8601.') };

export const tokenPriceSchema = z.object({
  kind: z.literal('tokens'),
  ...dated,
  usdPerMillionInput: z.number(),
  usdPerMillionCachedInput: z.number().nullable(),
  usdPerMillionOutput: z.number(),
});
const priceSchema = z.union([
  z.object({ kind: z.literal('instance'), ...dated, usdPerHour: z.number() }),
  tokenPriceSchema,
]);

const costSchema = z.object({
  price: priceSchema,
  level: z.number().nullable(),
  usdPerMillionOutputTokens: z.number().nullable(),
  usdPerMillionTokens: z.number().nullable(),
  usdPerHour: z.number().nullable(),
});

export const methodSchema = z.object({
  warmUps: z.array(warmUpSchema),
  gates: z.array(gateSchema),
  sweep: sweepSchema.nullable(),
  sustained: sustainedSchema.nullable(),
  launches: z.array(launchSchema),
  acrossLaunches: z.array(launchAggregateSchema),
  checklist: z.array(checklistRowSchema),
  cost: costSchema.nullable(),
});
