import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { orderFile, startingPoints } from '../../../arena/index.ts';
import { BenchError, pathTrouble } from '../../../core/index.ts';
import { packageVersion } from '../../../host/index.ts';
import { scenarioClasses } from '../../../model/index.ts';
import { checkStored, type StoredKind, writeFileAtomic } from '../../../results/index.ts';
import type { TrialOrder } from './run-settings.ts';

const schemaId = 'inferencebench.arena-order.v1';

const textOrNone = z.string().nullable();
const orderSchema = z.object({
  schema: z.literal(schemaId),
  version: z.string(),
  settings: z.object({
    scenario: z.string().min(1),
    class: z.enum(scenarioClasses),
    agent: z.string().min(1),
    budget: z.number().positive().nullable(),
    startingPoint: z.enum(startingPoints).nullable(),
    sandbox: z.string().min(1),
    repeat: z.number().int().positive(),
    disk: z.number().positive(),
    questions: textOrNone,
    // Orders of trials that were begun before there was such an option have none.
    reference: textOrNone.optional(),
    modelPath: textOrNone,
    forceEngine: textOrNone,
    secondOpinion: textOrNone,
    startupTimeout: z.number().positive().nullable(),
  }),
});

const kind: StoredKind = {
  schemaId,
  what: 'the order of a trial',
  written: 'it',
  loadSchema: async () => orderSchema,
  hint: 'It says what the trial was asked for, and the trial cannot be resumed without: bring the file back from a copy, or run the trial again in another folder.',
};

/** Puts into a trial's folder what it was asked for. */
export async function writeOrder(folder: string, settings: TrialOrder['settings']): Promise<void> {
  const order: TrialOrder = { schema: schemaId, version: packageVersion(), settings };
  await writeFileAtomic(join(folder, orderFile), `${JSON.stringify(order, null, 2)}\n`);
}

/**
 * What a trial was asked for, of a resume.
 * @param dir as it was named
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA, RESULT_OTHER_VERSION
 */
export async function readOrder(folder: string, dir: string): Promise<TrialOrder['settings']> {
  const path = join(folder, orderFile);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw await notFound(folder, dir, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BenchError('RESULT_CORRUPT', `"${path}": ${pathTrouble(error, 'file')}.`, {
      hint: kind.hint,
      cause: error,
    });
  }
  const { version, settings } = await checkStored<TrialOrder>(value, path, kind);
  if (version === packageVersion()) return settings;
  throw new BenchError(
    'RESULT_OTHER_VERSION',
    `The trial in "${dir}" was begun by version ${version}; this is ${packageVersion()}.`,
    { hint: 'Resume it with the version that began it, or run it again.' },
  );
}

async function notFound(folder: string, dir: string, cause: unknown): Promise<BenchError> {
  const trouble = await stat(folder).then(
    (found) => (found.isDirectory() ? null : 'it is a file, not a folder'),
    (error: unknown) => pathTrouble(error, 'folder'),
  );
  const isMissing = (cause as { code?: unknown }).code === 'ENOENT';
  const why =
    trouble ?? `${orderFile}: ${isMissing ? 'there is none' : pathTrouble(cause, 'file')}`;
  return new BenchError('RESULT_NOT_FOUND', `No trial to resume in "${dir}": ${why}.`, {
    hint: `Name the --output folder of a bench arena run: it has ${orderFile}. What bench arena judge has left is judged again, not resumed.`,
    cause,
  });
}
