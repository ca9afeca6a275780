import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findScenario, type Judgement, trialFile, trialOf } from '../../../arena/index.ts';
import { BenchError, type ExitCode, type Host } from '../../../core/index.ts';
import { describeEnvironment, packageVersion } from '../../../host/index.ts';
import { createPlainReporter } from '../../../report/index.ts';
import { createRunId, writeFileAtomic } from '../../../results/index.ts';
import { sandboxes } from '../../../sandbox/index.ts';
import { engineContext } from '../../open-target.ts';
import { machineOf, requireEmpty, tellTrial } from '../trial-output.ts';
import { judgeFolder } from './judge-folder.ts';
import type { ArenaJudgeSettings } from './judge-settings.ts';
import { findOpinion } from './opinion-program.ts';
import { readReference, writeReference } from './reference-file.ts';

/** `bench arena judge`. @throws BenchError USAGE_*, PREREQ_*, RESULT_*, INTERRUPTED */
export async function runArenaJudge(settings: ArenaJudgeSettings, host: Host): Promise<ExitCode> {
  const stored = await findScenario(settings.scenario, host.cwd);
  const size = stored.scenario.classes[settings.class];
  const trialId = `judge-${createRunId(host.clock)}`;
  const outputDir = resolve(host.cwd, settings.output ?? join('arena-results', trialId));
  await requireFolder(host.cwd, settings.submission);
  await requireEmpty(outputDir, settings.output);
  const machine = machineOf(await describeEnvironment());
  const version = packageVersion();
  const startedMs = host.clock.wallMs();
  const storedReference =
    settings.reference === null
      ? null
      : await readReference(resolve(host.cwd, settings.reference), {
          ...{ version, machine, class: settings.class, nowMs: startedMs },
          scenarioSha256: stored.sha256,
        });

  const stop = new AbortController();
  const reporter = createPlainReporter(host.stderr);
  const ctx = engineContext(host, (event) => reporter.handle(event), stop.signal);
  const offInterrupt = host.onInterrupt((signal) => {
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  try {
    const { order, judgement } = await judgeFolder(ctx, {
      stored,
      class: settings.class,
      submissionDir: resolve(host.cwd, settings.submission),
      workDir: outputDir,
      secret: randomBytes(32),
      forcedEngine: settings.forceEngine,
      storedReference,
      modelPath: settings.modelPath === null ? null : resolve(host.cwd, settings.modelPath),
      startupTimeoutS: settings.startupTimeout,
      secondOpinion: await findOpinion(settings.secondOpinion, host),
      sandbox: sandboxes.get('process'),
    });
    const [pair = { dev: 0, eval: 0 }] = size.seeds;
    const trial = await trialOf(order, judgement, {
      trialId,
      startedAt: new Date(startedMs).toISOString(),
      endedAt: new Date(host.clock.wallMs()).toISOString(),
      version,
      machine,
      entry: {
        agent: { id: 'judged-folder', version: null },
        ...{ harness: null, model: null, promptSha256: null },
        forcedEngine: settings.forceEngine,
      },
      seeds: pair,
      ...{ agentPhase: null, bestVerified: null },
    });
    await writeFileAtomic(join(outputDir, trialFile), `${JSON.stringify(trial, null, 2)}\n`);
    await keepReference(outputDir, judgement, {
      measuredAt: trial.endedAt,
      ...{ version, machine, scenarioSha256: stored.sha256, class: settings.class },
    });
    return await tellTrial(trial, stored, { outputDir, json: settings.json }, host);
  } finally {
    offInterrupt();
    reporter.close();
  }
}

async function keepReference(
  outputDir: string,
  { reference }: Judgement,
  label: {
    measuredAt: string;
    version: string;
    machine: string;
    scenarioSha256: string;
    class: 'full' | 'small';
  },
): Promise<void> {
  const { measured, launches, aloneP50Ms } = reference;
  if (measured === 'stored' || aloneP50Ms === null || launches.length === 0) return;
  const text = writeReference({ ...label, launches, aloneP50Ms });
  await writeFileAtomic(join(outputDir, 'reference.json'), text);
}

/** A name typed wrongly is no submission that failed. */
async function requireFolder(cwd: string, asked: string): Promise<void> {
  const found = await stat(resolve(cwd, asked)).catch(() => null);
  if (found?.isDirectory()) return;
  throw new BenchError('USAGE_SUBMISSION', `--submission "${asked}": there is no such folder.`, {
    hint: 'It has start_server.sh, and submission.json where more files go with it.',
  });
}
