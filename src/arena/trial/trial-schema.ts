import { z } from 'zod';
import { scenarioClasses, type TrialResult, trialOutcomes } from '../../model/index.ts';

/** See src/model/trial.ts. */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex');
const figure = z.number().nonnegative().nullable();
const outcome = z.enum(trialOutcomes);

const profileSchema = z.object({
  profile: z.string().min(1),
  ttftP50Ms: figure,
  tpotP50Ms: figure,
  latencyP50Ms: figure.describe('Whole answers, from send to last token.'),
  validCompletedRps: figure.describe('Only requests that ended well and in full length.'),
  offeredRps: figure.describe('Null: all at once.'),
  rateLimited: z.boolean().describe('At least 95 % of the offered rate was completed.'),
  rateCap: z
    .enum(['requests', 'time'])
    .exactOptional()
    .describe('Why the rate was not doubled once more, though a side kept up with it.'),
  requests: z.number().int().nonnegative(),
  validRequests: z.number().int().nonnegative(),
  perRequest: z
    .object({
      ttftMs: z.array(z.number().nonnegative()),
      tpotMs: z.array(z.number().nonnegative()),
      latencyMs: z.array(z.number().nonnegative()),
    })
    .exactOptional(),
});

const launchSchema = z.object({ profiles: z.array(profileSchema) });

const stateSchema = z.object({
  submissionSha256: sha256,
  atS: figure.describe('Seconds of the agent phase.'),
  measuredBy: z.enum(['judge', 'preview']),
  outcome,
  checks: z.array(
    z.object({
      id: z.string().min(1),
      kind: z.enum(['readiness', 'correctness', 'quality', 'integrity']),
      required: z.boolean(),
      verdict: z.enum(['pass', 'flag', 'fail', 'not_run']),
      evidence: z.string(),
    }),
  ),
  launches: z.array(launchSchema).describe('One a server start.'),
  correctness: z
    .object({
      tokenMatchShare: z.number().min(0).max(1),
      prompts: z.number().int().positive(),
      whole: z
        .number()
        .int()
        .nonnegative()
        .exactOptional()
        .describe("Prompts whose whole answer is the reference's."),
      interval: z
        .object({ low: z.number(), high: z.number() })
        .nullable()
        .exactOptional()
        .describe('95 %, of the mean, over prompts.'),
    })
    .nullable(),
  reference: z
    .array(launchSchema)
    .nullable()
    .describe("What it was measured against, where that is not the trial's reference."),
});

const limitsSchema = z.array(
  z.object({
    limit: z.string(),
    asked: z.union([z.number(), z.string()]),
    by: z.string().describe('Who held it; `none`: nobody.'),
    reached: z.boolean().nullable(),
  }),
);

const groundSchema = z
  .object({
    sandbox: z.string().describe('That the server was judged in.'),
    sandboxed: z.boolean(),
    server: limitsSchema.nullable(),
    reference: limitsSchema.nullable(),
    clientCpus: z
      .string()
      .nullable()
      .describe("Of the load client alone; null: it shares the server's."),
    accelerator: z
      .object({
        wanted: z.string().nullable(),
        present: z.string().nullable(),
        referenceOn: z.string().nullable().describe('`cpu`, or a name.'),
      })
      .exactOptional(),
    notes: z.array(z.string()).describe('Where the machine is less than the scenario says.'),
  })
  .describe('What the judged server and the reference ran on.');

const subsetSchema = z
  .object({
    profile: z.string(),
    requests: z.number().int().positive(),
    of: z.number().int().positive(),
    halfWidth: figure.describe('95 %, of the widest term, as a share of the figure.'),
    until: z.number().positive(),
  })
  .describe('How much of a profile the reference was asked.');

const count = z.number().int().nonnegative();
const questionsSchema = z
  .object({
    name: z.string().min(1).describe('`facts`: those that come with bench; else their file.'),
    sha256: sha256.nullable(),
    available: count,
    asked: count,
    distinct: count,
    wanted: count,
    marginPoints: z.number().positive(),
  })
  .describe('What the quality gate asked.');

const receiptSchema = z
  .object({
    how: z.enum(['already-exited', 'terminated', 'killed']),
    aliveAtStop: z
      .number()
      .int()
      .nonnegative()
      .nullable()
      .exactOptional()
      .describe('Processes that lived when the end began; null: not known.'),
    swept: z
      .number()
      .int()
      .nonnegative()
      .describe('Processes that outlived the agent, or its grace, and were ended by force.'),
    endedBy: z
      .enum(['pid-namespace', 'signals'])
      .exactOptional()
      .describe('By what: the kernel with their PID namespace, or a signal to each.'),
    survivors: z.number().int().nonnegative().describe('Processes that could not be ended.'),
    limits: limitsSchema,
    memoryPeakBytes: figure,
  })
  .describe("How the agent's processes came to their end.");

export const trialSchema = z.object({
  schema: z.literal('inferencebench.trial.v1'),
  trialId: z.string().min(1),
  startedAt: z.string(),
  endedAt: z.string(),
  tool: z.object({ name: z.literal('inferencebench'), version: z.string() }),
  scenario: z.object({
    id: z.string().min(1),
    class: z.enum(scenarioClasses),
    sha256,
    scoring: z.string().min(1).describe('Id of the scoring rules it was judged under.'),
    policy: z.enum(['final', 'best_verified']),
  }),
  baseModel: z.string(),
  machine: z.string(),
  entry: z.object({
    agent: z.object({ id: z.string().min(1), version: z.string().nullable() }),
    harness: z.object({ id: z.string(), version: z.string() }).nullable(),
    model: z.string().nullable(),
    promptSha256: sha256.nullable(),
    forcedEngine: z.string().nullable(),
  }),
  seeds: z.object({
    dev: z.number().int(),
    eval: z.number().int(),
    secretSha256: sha256.describe('Published before the trial.'),
    secret: z
      .string()
      .regex(/^(?:[0-9a-f]{2})+$/, 'not hex')
      .nullable(),
    finalSeed: sha256.nullable().describe('HMAC-SHA256(secret, submission hash).'),
  }),
  outcome: z.object({ kind: outcome, reason: z.string().nullable() }),
  submission: z
    .object({
      sha256,
      files: z.array(
        z.object({ path: z.string().min(1), bytes: z.number().int().nonnegative(), sha256 }),
      ),
    })
    .nullable(),
  engine: z.object({ id: z.string(), version: z.string().nullable() }).nullable(),
  reference: z.object({
    kind: z.enum(['pytorch', 'launcher']),
    description: z.string(),
    measured: z.enum(['in_trial', 'stored']),
    again: z
      .array(z.string())
      .exactOptional()
      .describe('Profiles of a stored one that were measured again, at another rate.'),
    launches: z.array(launchSchema),
    subset: z.array(subsetSchema).exactOptional(),
  }),
  ground: groundSchema.exactOptional(),
  questions: questionsSchema.exactOptional(),
  final: stateSchema.nullable(),
  bestVerified: stateSchema.nullable(),
  agentPhase: z
    .object({
      end: z.enum(['agent_done', 'deadline', 'budget', 'crashed', 'provider_error', 'infra']),
      budgetS: z.number().positive(),
      wallS: z.number().nonnegative(),
      sandboxed: z.boolean(),
      reason: z.string().exactOptional(),
      interrupted: z
        .boolean()
        .exactOptional()
        .describe('The arena was killed meanwhile, and the trial was resumed.'),
      receipt: receiptSchema.nullable().exactOptional(),
      serverStarts: z
        .array(z.object({ atS: z.number().nonnegative(), flags: z.array(z.string()) }))
        .nullable()
        .describe('With their non-default flags.'),
    })
    .nullable(),
}) satisfies z.ZodType<TrialResult>;
