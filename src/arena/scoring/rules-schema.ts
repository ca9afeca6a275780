import { z } from 'zod';
import { type ScoringRules, trialOutcomes } from '../../model/index.ts';

/** See src/model/scoring.ts. */
const byOutcome = z.union([z.literal('formula'), z.number().nonnegative()]).nullable();

export const rulesSchema = z
  .object({
    schema: z.literal('inferencebench.scoring.v1'),
    id: z.string().min(1),
    title: z.string(),
    source: z.string(),
    form: z.enum(['speedup', 'correctness_gated']),
    scenarios: z
      .array(
        z.object({
          id: z.string().min(1),
          label: z.string().min(1),
          terms: z
            .array(z.enum(['ttft_p50', 'tpot_p50', 'latency_p50', 'valid_completed_rate']))
            .min(1),
          profiles: z.array(z.string().min(1)).min(1),
        }),
      )
      .min(1),
    outcomes: z.record(z.enum(trialOutcomes), byOutcome),
    regression: z.object({ below: z.number(), score: z.number().positive() }).nullable(),
    correctness: z
      .object({
        atLeast: z.number().min(0).max(1),
        base: z.number().nonnegative(),
        perSpeedup: z.number().nonnegative(),
        perMatch: z.number().nonnegative(),
      })
      .nullable(),
    policy: z.enum(['final', 'best_verified']).nullable(),
  })
  .refine(({ form, correctness }) => (form === 'correctness_gated') === (correctness !== null), {
    path: ['correctness'],
    message: 'belongs to the form correctness_gated, and to it alone',
  })
  .refine(({ outcomes }) => outcomes.infra_error === null, {
    path: ['outcomes', 'infra_error'],
    message: 'infra errors are never scored: null',
  })
  .refine(({ outcomes }) => failures.every((kind) => outcomes[kind] !== null), {
    path: ['outcomes'],
    message: 'only infra_error may go without a score: a failed run counts',
  }) satisfies z.ZodType<ScoringRules>;

const failures = trialOutcomes.filter((kind) => kind !== 'infra_error');
