import { join, resolve } from 'node:path';
import { isScenarioPath, lockTrial, runTrial } from '../../../arena/index.ts';
import type { ExitCode, Host } from '../../../core/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { shellQuote } from '../../../report/index.ts';
import { createRunId } from '../../../results/index.ts';
import { withContext } from '../../with-context.ts';
import { emptyFolder, inNewFolder, isRefusal } from '../claim-folder.ts';
import { tellTrial } from '../trial-output.ts';
import { buildSetup } from './build-setup.ts';
import { readOrder, writeOrder } from './order-file.ts';
import type { ArenaRunSettings, TrialOrder } from './run-settings.ts';

/** `bench arena run`. @throws BenchError USAGE_*, PREREQ_*, RESULT_*, INTERRUPTED */
export async function runArenaRun(settings: ArenaRunSettings, host: Host): Promise<ExitCode> {
  const { output, json, ...asked } = settings;
  const id = `trial-${createRunId(host.clock)}`;
  const folder = resolve(host.cwd, output ?? join('arena-results', id));
  return inNewFolder(folder, output, async () => {
    const order = absolute(asked, host.cwd);
    await writeOrder(folder, order);
    return run(order, { folder, json, isNew: true }, host);
  });
}

/** `bench arena resume`. @throws BenchError RESULT_*, USAGE_*, PREREQ_*, INTERRUPTED */
export async function resumeArenaRun(
  dir: string,
  { json }: { json: boolean },
  host: Host,
): Promise<ExitCode> {
  const folder = resolve(host.cwd, dir);
  return run(await readOrder(folder, dir), { folder, json, isNew: false }, host);
}

async function run(
  order: TrialOrder['settings'],
  { folder, json, isNew }: { folder: string; json: boolean; isNew: boolean },
  host: Host,
): Promise<ExitCode> {
  const work = async (ctx: EngineContext) => {
    const release = await lockTrial(folder);
    try {
      const place = { folder, cwd: host.cwd, resumed: !isNew };
      const setup = await buildSetup(ctx, order, place).catch(async (error: unknown) => {
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
  const interruptHint = `Go on with: bench arena resume ${shellQuote(folder)}`;
  return withContext(host, work, { plain: true, interruptHint });
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
