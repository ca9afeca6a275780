import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findScenario } from '../../../arena/index.ts';
import { BenchError, type ExitCode, type Host, pathTrouble } from '../../../core/index.ts';
import { type EngineContext, findEngine } from '../../../engines/index.ts';
import { describeEnvironment, packageVersion } from '../../../host/index.ts';
import { shellQuote } from '../../../report/index.ts';
import { createRunId } from '../../../results/index.ts';
import { withContext } from '../../with-context.ts';
import { chooseSandbox } from '../choose-sandbox.ts';
import { emptyFolder, inNewFolder, isRefusal } from '../claim-folder.ts';
import { machineOf, shownFolder, tellTrial } from '../trial-output.ts';
import { chooseQuestions } from './choose-questions.ts';
import type { ArenaJudgeSettings } from './judge-settings.ts';
import { judgeToTrial } from './judge-to-trial.ts';
import { findOpinion } from './opinion-program.ts';
import { requireFetched } from './prepare-model.ts';
import { readReference } from './reference-file.ts';

const MiB = 1 << 20;

/** `bench arena judge`. @throws BenchError USAGE_*, PREREQ_*, RESULT_*, INTERRUPTED */
export async function runArenaJudge(settings: ArenaJudgeSettings, host: Host): Promise<ExitCode> {
  const stored = await findScenario(settings.scenario, host.cwd);
  const trialId = `judge-${createRunId(host.clock)}`;
  const outputDir = resolve(host.cwd, settings.output ?? join('arena-results', trialId));
  await requireFolder(host.cwd, settings.submission);
  if (settings.forceEngine !== null) findEngine(settings.forceEngine);
  const machine = machineOf(await describeEnvironment());
  const version = packageVersion();
  const questions = await chooseQuestions(
    { stored, class: settings.class },
    { given: settings.questions, cwd: host.cwd },
    (message) => {
      host.stderr.write(`${message}\n`);
    },
  );
  const storedReference =
    settings.reference === null
      ? null
      : await readReference(resolve(host.cwd, settings.reference), {
          ...{ version, machine, class: settings.class, nowMs: host.clock.wallMs() },
          ...{ scenarioSha256: stored.sha256, questionsSha256: questions.sha256 },
        });

  requireFetched({ stored, class: settings.class }, settings.modelPath);
  const work = async (ctx: EngineContext) => {
    const { trial } = await judgeToTrial(ctx, {
      ...{ stored, class: settings.class, outputDir, trialId, version, machine, storedReference },
      questions,
      submissionDir: resolve(host.cwd, settings.submission),
      forceEngine: settings.forceEngine,
      modelPath: settings.modelPath === null ? null : resolve(host.cwd, settings.modelPath),
      startupTimeoutS: settings.startupTimeout,
      secondOpinion: await findOpinion(settings.secondOpinion, host),
      sandbox: await chooseSandbox(ctx, settings.sandbox),
      diskBytes: settings.disk * MiB,
    });
    return tellTrial(trial, stored, { outputDir, json: settings.json }, host);
  };
  const shown = shellQuote(shownFolder(host.cwd, outputDir));
  const interruptHint = `A judgement cannot be resumed: judge again into a new folder. What was seen until then stays in ${shown}, without a score.`;
  return inNewFolder(outputDir, settings.output, () =>
    withContext(host, work, { plain: true, interruptHint }).catch(async (error: unknown) => {
      if (isRefusal(error)) await emptyFolder(outputDir);
      throw error;
    }),
  );
}

/** A name typed wrongly is no submission that failed. */
async function requireFolder(cwd: string, asked: string): Promise<void> {
  const refuse = (why: string) =>
    new BenchError('USAGE_SUBMISSION', `--submission "${asked}": ${why}.`, {
      hint: 'Name a folder with start_server.sh, and submission.json where more files go with it.',
    });
  const found = await stat(resolve(cwd, asked)).catch((error: unknown) => {
    throw refuse(pathTrouble(error, 'folder'));
  });
  if (!found.isDirectory()) throw refuse('it is a file, not a folder');
}
