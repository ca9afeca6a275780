import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, messageOf, pathTrouble } from '../../../core/index.ts';
import { type ScenarioCheck, scenarioCheckParts, trialOutcomes } from '../../../model/index.ts';

export const checkFile = 'scenario-check.json';

const text = z.string().nullable();
const share = z.object({ discordantShare: z.number(), normal: z.number(), exact: z.number() });

const fileSchema = z.object({
  schema: z.literal('inferencebench.scenario-check.v1'),
  tool: z.object({ name: z.literal('inferencebench'), version: z.string() }),
  startedAt: z.string(),
  endedAt: z.string(),
  machine: z.string(),
  // Before there was a choice, it was this one.
  sandbox: z
    .object({ id: z.string(), isolates: z.boolean() })
    .default({ id: 'process', isolates: false }),
  scenario: z.object({ id: z.string(), sha256: z.string(), class: z.enum(['full', 'small']) }),
  accepted: z.boolean().nullable(),
  why: z.array(z.string()),
  with: z.object({ modelPath: text, questionsSha256: text }),
  parts: z.array(z.enum(scenarioCheckParts)),
  questions: z
    .object({
      name: z.string(),
      sha256: text,
      n: z.number(),
      distinct: z.number(),
      marginPoints: z.number(),
      referenceShares: z.tuple([z.number(), z.number()]),
      chanceShare: z.number(),
      discordantShare: z.number(),
      power: z.object({ assumed: share, seen: share }),
      accepted: z.boolean(),
      why: text,
    })
    .nullable(),
  folders: z.array(
    z.object({
      id: z.string(),
      part: z.enum(['reference', 'oracle', 'empty', 'cheats']),
      expected: z.string(),
      outcome: z.enum(trialOutcomes),
      reason: text,
      score: z.number().nullable(),
      speedup: z.number().nullable(),
      failedChecks: z.array(z.string()),
      writtenAgainst: text,
      verdict: z.enum(['as_expected', 'not_as_expected', 'unknown']),
      why: text,
      tookS: z.number(),
      trial: z.string(),
    }),
  ),
  leftOut: z.array(z.string()),
}) satisfies z.ZodType<ScenarioCheck>;

/**
 * @param asked as it was given
 * @throws BenchError RESULT_NOT_FOUND where no check was begun in a folder
 */
export async function requireEarlierCheck(dir: string, asked: string): Promise<void> {
  const why = await stat(dir).then(
    (found) =>
      found.isDirectory() ? `there is no ${checkFile} in it` : 'it is a file, not a folder',
    (error: unknown) => pathTrouble(error, 'folder'),
  );
  if (existsSync(join(dir, checkFile))) return;
  throw new BenchError('RESULT_NOT_FOUND', `--resume ${asked}: ${why}.`, {
    hint: 'Name the folder that the interrupted check wrote to (its --output).',
  });
}

/**
 * What a check that was interrupted left in its folder, if it tried the same thing in the same way.
 * @throws BenchError RESULT_CORRUPT, USAGE_RESUME
 */
export async function readEarlierCheck(
  dir: string,
  wanted: {
    version: string;
    machine: string;
    sandbox: string;
    sha256: string;
    class: string;
    with: ScenarioCheck['with'];
  },
): Promise<ScenarioCheck> {
  const path = join(dir, checkFile);
  const refuse = (code: 'RESULT_CORRUPT' | 'USAGE_RESUME', why: string) =>
    new BenchError(code, `--resume ${dir}: ${why}.`, {
      hint: 'Start a new check, with another --output.',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw refuse('RESULT_CORRUPT', `${checkFile} cannot be read: ${messageOf(error)}`);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw refuse('RESULT_CORRUPT', `${checkFile} is none that bench wrote`);
  const { tool, machine, sandbox, scenario } = parsed.data;
  const { sha256 } = scenario;
  const had = {
    version: tool.version,
    machine,
    sandbox: sandbox.id,
    sha256,
    class: scenario.class,
  };
  const differs = (['version', 'machine', 'sandbox', 'sha256', 'class'] as const).find(
    (field) => had[field] !== wanted[field],
  );
  if (differs !== undefined) {
    const name = differs === 'sha256' ? "scenario's SHA-256" : differs;
    throw refuse(
      'USAGE_RESUME',
      `its ${name} is "${had[differs]}", here it is "${wanted[differs]}"`,
    );
  }
  const { modelPath, questionsSha256 } = parsed.data.with;
  if (questionsSha256 !== wanted.with.questionsSha256) {
    throw refuse('USAGE_RESUME', 'other questions were asked (--questions)');
  }
  if (modelPath !== wanted.with.modelPath) {
    const named = (path: string | null) => (path === null ? "the scenario's own" : `"${path}"`);
    throw refuse(
      'USAGE_RESUME',
      `its model is ${named(modelPath)}, here it is ${named(wanted.with.modelPath)} (--model-path)`,
    );
  }
  return parsed.data;
}
