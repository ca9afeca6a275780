import { z } from 'zod';
import type { Scenario } from '../../model/index.ts';

/** See src/model/scenario.ts. */
const whole = z.number().int().positive();
const tokenRange = z.object({ max: whole, lowShare: z.number().positive().max(1) });

const profileSchema = z
  .object({
    id: z.string().regex(/^[a-z0-9-]+$/, 'not lower-case letters, digits and dashes'),
    arrival: z.enum(['burst', 'poisson', 'constant']),
    requests: whole,
    maxInFlight: whole,
    rateRps: z.number().positive().nullable().describe('Where it starts; null: all at once.'),
    inputTokens: tokenRange,
    outputTokens: tokenRange,
  })
  .refine(({ arrival, rateRps }) => (arrival === 'burst') === (rateRps === null), {
    path: ['rateRps'],
    message: 'a burst has none (null), the other arrivals need one',
  });

const agreement = z
  .object({ tokens: whole, agree: z.number().int().min(0) })
  .refine(({ tokens, agree }) => agree <= tokens, { message: 'more agree than there are' });

const noiseFloorSchema = z.object({
  measuredOn: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date (2026-11-30)'),
  how: z.string(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
  variants: z
    .array(
      z.object({
        id: z.string().min(1),
        description: z.string(),
        alone: agreement,
        burst: agreement,
        sampled: z
          .object({ tokens: whole, meanNats: z.number(), seNats: z.number().min(0) })
          .nullable(),
      }),
    )
    .min(1),
});

const sizeSchema = z
  .object({
    comparable: z.boolean().describe('False: scores say nothing about other machines and models.'),
    model: z.string().min(1),
    maxModelTokens: whole,
    budgetS: whole,
    temperature: z.number().min(0).max(2),
    ignoreEos: z.boolean(),
    disjointProfiles: z.boolean(),
    profiles: z.array(profileSchema).min(1),
    seeds: z.array(z.object({ dev: z.number().int(), eval: z.number().int() })).min(1),
    reference: z
      .object({
        kind: z.enum(['pytorch', 'launcher']),
        description: z.string(),
        driftAtMost: z
          .number()
          .gt(1)
          .exactOptional()
          .describe(
            'How much slower or faster it may become in a trial; absent: full 1.3, small 2.',
          ),
        subset: z
          .object({ least: z.number().int().min(16), until: z.number().positive().max(0.5) })
          .exactOptional()
          .describe(
            'So many requests of each profile at the least, and more until the 95 % half-width of what is scored is below this share; absent: all.',
          ),
        witness: z
          .enum(['pytorch', 'itself'])
          .exactOptional()
          .describe('Who counts and replays where a launcher is the reference; default: itself.'),
      })
      .refine(({ kind, witness }) => kind === 'launcher' || witness !== 'itself', {
        path: ['witness'],
        message: 'the PyTorch reference is its own witness: leave it out',
      }),
    quality: z
      .object({
        marginPoints: z.number().positive().max(100),
        minQuestions: whole,
        questions: z
          .string()
          .min(1)
          .exactOptional()
          .describe(
            "JSON or JSON Lines in the form of MMLU-Pro, relative to the scenario's folder; absent: the facts that come with bench.",
          ),
        maxInFlight: whole
          .exactOptional()
          .describe('Questions under way at once; absent: as in the first profile.'),
      })
      .nullable(),
    noiseFloor: noiseFloorSchema
      .exactOptional()
      .describe(
        'Honest servers against the reference, as bench arena scenario check measures them.',
      ),
    limits: z.object({
      cpus: whole,
      memoryGiB: z.number().positive(),
      accelerator: z.string().nullable(),
      network: z.boolean(),
    }),
  })
  .refine(
    ({ profiles, maxModelTokens }) =>
      profiles.every((one) => one.inputTokens.max + one.outputTokens.max <= maxModelTokens),
    { path: ['profiles'], message: 'longer than the model can take (maxModelTokens)' },
  )
  .refine(({ profiles }) => distinct(profiles.map(({ id }) => id)), {
    path: ['profiles'],
    message: 'two profiles share an id',
  })
  .refine(({ seeds }) => distinct(seeds.flatMap((pair) => [pair.dev, pair.eval])), {
    path: ['seeds'],
    message: 'a seed occurs twice: sets for the agent and for the evaluation have to differ',
  });

export const scenarioSchema = z.object({
  schema: z.literal('inferencebench.scenario.v1'),
  id: z.string().regex(/^[a-z0-9-]+$/, 'not lower-case letters, digits and dashes'),
  label: z.string().min(1),
  title: z.string(),
  description: z.string(),
  source: z.string().describe('Where the parameters come from, and what of them is a choice.'),
  scoring: z.string().min(1).describe('Id of its scoring rules.'),
  policy: z.enum(['final', 'best_verified']),
  classes: z.object({ full: sizeSchema, small: sizeSchema }),
}) satisfies z.ZodType<Scenario>;

const distinct = (values: readonly unknown[]) => new Set(values).size === values.length;
