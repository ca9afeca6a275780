import { z } from 'zod';
import { type StoredReference, trialSchema } from '../../../arena/index.ts';
import { BenchError, pathTrouble, readNamedFile } from '../../../core/index.ts';
import type { ScenarioClass } from '../../../model/index.ts';

const schemaId = 'inferencebench.reference.v2';
const formerId = 'inferencebench.reference.v1';
const longestMs = 24 * 3600 * 1000;

const fileSchema = z.object({
  schema: z.literal(schemaId),
  measuredAt: z.string(),
  version: z.string(),
  machine: z.string(),
  scenarioSha256: z.string(),
  /** Of the quality gate's questions; null = those that come with bench. */
  questionsSha256: z.string().nullable().default(null),
  class: z.enum(['full', 'small']),
  aloneP50Ms: z.number().positive(),
  alikeShare: z.number().min(0).max(1).nullable(),
  modelSha256: z.string(),
  ground: z
    .object({
      sandbox: z.string(),
      clientCpus: z.string().nullable(),
      limits: z.array(
        z.object({
          limit: z.string(),
          asked: z.union([z.number(), z.string()]),
          by: z.string(),
        }),
      ),
    })
    .nullable(),
  launches: trialSchema.shape.reference.shape.launches,
  subset: trialSchema.shape.reference.shape.subset,
});

/** `reference.json`: a reference's figures, and what they hold for. */
export type ReferenceFile = z.infer<typeof fileSchema>;

/** What a reference file has to agree with. */
export interface ReferenceWanted {
  version: string;
  machine: string;
  scenarioSha256: string;
  questionsSha256: string | null;
  class: ScenarioClass;
  nowMs: number;
}

export const writeReference = (file: Omit<ReferenceFile, 'schema'>) =>
  `${JSON.stringify({ schema: schemaId, ...file }, null, 2)}\n`;

/**
 * A reference that a trial left, if it may stand in for a measurement now: same machine, version,
 * scenario, questions and class, within 24 hours. Of the same model and on the same ground is seen when it
 * is used.
 * @throws BenchError PREREQ_REFERENCE
 */
export async function readReference(
  path: string,
  wanted: ReferenceWanted,
): Promise<StoredReference> {
  const refuse = (why: string) =>
    new BenchError('PREREQ_REFERENCE', `Reference file "${path}": ${why}.`, {
      hint: 'Leave --reference away to measure the reference in the trial; each trial leaves a new reference.json.',
    });
  let value: unknown;
  try {
    value = JSON.parse((await readNamedFile(path)).toString('utf8'));
  } catch (error) {
    throw refuse(pathTrouble(error, 'file'));
  }
  if (z.object({ schema: z.literal(formerId) }).safeParse(value).success) {
    throw refuse(
      `it is "${formerId}", which does not say of which model it is; "${schemaId}" does`,
    );
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw refuse('it is not a reference.json');
  const { data } = parsed;
  const fields = ['version', 'machine', 'scenarioSha256', 'questionsSha256', 'class'] as const;
  const differs = fields.find((field) => data[field] !== wanted[field]);
  if (differs !== undefined) {
    throw refuse(`its ${differs} is "${data[differs]}", here it is "${wanted[differs]}"`);
  }
  const ageMs = wanted.nowMs - Date.parse(data.measuredAt);
  if (!(ageMs >= 0 && ageMs <= longestMs)) throw refuse('it is older than 24 hours');
  const { launches, aloneP50Ms, alikeShare, modelSha256, ground, subset } = data;
  const known = { launches, aloneP50Ms, alikeShare, modelSha256, ground };
  return { ...known, ...(subset && { subset }) };
}
