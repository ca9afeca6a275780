import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isScenarioPath, lockTrial, runTrial } from '../../../arena/index.ts';
import { BenchError, type ExitCode, type Host, isBenchError } from '../../../core/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { packageVersion } from '../../../host/index.ts';
import { createRunId, writeFileAtomic } from '../../../results/index.ts';
import { withContext } from '../../with-context.ts';
import { requireEmpty, tellTrial } from '../trial-output.ts';
import { buildSetup } from './build-setup.ts';
import type { ArenaRunSettings, TrialOrder } from './run-settings.ts';

const orderFile = 'order.json';
const orderSchema = 'inferencebench.arena-order.v1';

/** `bench arena run`. @throws BenchError USAGE_*, PREREQ_*, RESULT_*, INTERRUPTED */
export async function runArenaRun(settings: ArenaRunSettings, host: Host): Promise<ExitCode> {
  const { output, json, ...asked } = settings;
  const id = `trial-${createRunId(host.clock)}`;
  const folder = resolve(host.cwd, output ?? join('arena-results', id));
  await requireEmpty(folder, output);
  const order: TrialOrder = {
    schema: orderSchema,
    version: packageVersion(),
    settings: absolute(asked, host.cwd),
  };
  await writeFileAtomic(join(folder, orderFile), `${JSON.stringify(order, null, 2)}\n`);
  return run(order, { folder, json, isNew: true }, host);
}

/** `bench arena resume`. @throws BenchError RESULT_*, USAGE_*, PREREQ_*, INTERRUPTED */
export async function resumeArenaRun(
  dir: string,
  { json }: { json: boolean },
  host: Host,
): Promise<ExitCode> {
  const folder = resolve(host.cwd, dir);
  let order: TrialOrder;
  try {
    order = JSON.parse(await readFile(join(folder, orderFile), 'utf8')) as TrialOrder;
  } catch (error) {
    throw new BenchError('RESULT_NOT_FOUND', `No trial to resume in "${dir}".`, {
      hint: `Name the --output folder of a bench arena run: it has ${orderFile}.`,
      cause: error,
    });
  }
  if (order.schema !== orderSchema || order.version !== packageVersion()) {
    throw new BenchError(
      'RESULT_OTHER_VERSION',
      `The trial in "${dir}" was begun by version ${order.version}; this is ${packageVersion()}.`,
      { hint: 'Resume it with the version that began it, or run it again.' },
    );
  }
  return run(order, { folder, json, isNew: false }, host);
}

async function run(
  order: TrialOrder,
  { folder, json, isNew }: { folder: string; json: boolean; isNew: boolean },
  host: Host,
): Promise<ExitCode> {
  const work = async (ctx: EngineContext) => {
    const release = await lockTrial(folder);
    try {
      const place = { folder, cwd: host.cwd, resumed: !isNew };
      const setup = await buildSetup(ctx, order.settings, place).catch(async (error: unknown) => {
        // Nothing was begun: the same command, put right, shall find the folder empty.
        if (isNew && isRefusal(error)) await emptyFolder(folder);
        throw error;
      });
      const trial = await runTrial(setup);
      return await tellTrial(trial, setup.stored, { outputDir: folder, json }, host);
    } finally {
      await release();
    }
  };
  const interruptHint = `Go on with: bench arena resume ${folder}`;
  return withContext(host, work, { plain: true, interruptHint });
}

const isRefusal = (error: unknown) => isBenchError(error) && /^(USAGE|PREREQ)_/.test(error.code);

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** So that a resume may come from another folder. */
function absolute(settings: TrialOrder['settings'], cwd: string): TrialOrder['settings'] {
  const { scenario, agent, reference, modelPath, secondOpinion, questions } = settings;
  const [, script] = /^script:(.+)$/.exec(agent) ?? [];
  return {
    ...settings,
    scenario: isScenarioPath(scenario) ? resolve(cwd, scenario) : scenario,
    agent: script === undefined ? agent : `script:${resolve(cwd, script)}`,
    reference: reference === null ? null : resolve(cwd, reference),
    modelPath: modelPath === null ? null : resolve(cwd, modelPath),
    // A hub's name is refused as it was given.
    questions:
      questions === null || /^(?:hub|hf):/.test(questions) ? questions : resolve(cwd, questions),
    secondOpinion: secondOpinion === null ? null : resolve(cwd, secondOpinion),
  };
}
