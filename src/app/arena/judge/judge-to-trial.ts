import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  commitmentLine,
  type Judgement,
  type QuestionSet,
  type SecondOpinion,
  type StoredReference,
  type StoredScenario,
  storableReference,
  trialFile,
  trialOf,
} from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import type { ScenarioClass, TrialResult } from '../../../model/index.ts';
import { writeFileAtomic } from '../../../results/index.ts';
import type { Sandbox, SandboxMount } from '../../../sandbox/index.ts';
import { judgeFolder } from './judge-folder.ts';
import { type ReferenceFile, writeReference } from './reference-file.ts';

/** A folder to be judged, and where its trial.json goes. */
export interface FolderTrial {
  stored: StoredScenario;
  class: ScenarioClass;
  submissionDir: string;
  outputDir: string;
  trialId: string;
  version: string;
  machine: string;
  forceEngine: string | null;
  storedReference: StoredReference | null;
  questions: QuestionSet;
  /** Null = the scenario's, from the cache. */
  modelPath: string | null;
  startupTimeoutS: number | null;
  sandbox: Sandbox;
  /** That a launch may write. */
  diskBytes: number;
  /** See FolderToJudge. */
  needed?: readonly SandboxMount[];
  /** See JudgePorts. */
  secondOpinion?: SecondOpinion | null;
}

/**
 * Judges a folder and leaves trial.json, and reference.json where the reference was measured.
 * @throws BenchError PREREQ_*, RESULT_*; the abort reason
 */
export async function judgeToTrial(
  ctx: EngineContext,
  folder: FolderTrial,
): Promise<{ trial: TrialResult; judgement: Judgement }> {
  const { stored, outputDir, version, machine, forceEngine } = folder;
  await mkdir(outputDir, { recursive: true });
  const startedMs = ctx.clock.wallMs();
  const secret = randomBytes(32);
  ctx.emit({ kind: 'phase', name: 'measure', message: commitmentLine(secret) });
  const { order, judgement } = await judgeFolder(ctx, {
    ...{ stored, class: folder.class, submissionDir: folder.submissionDir, workDir: outputDir },
    secret,
    forcedEngine: forceEngine,
    storedReference: folder.storedReference,
    questions: folder.questions,
    ...{ modelPath: folder.modelPath, startupTimeoutS: folder.startupTimeoutS },
    ...(folder.secondOpinion && { secondOpinion: folder.secondOpinion }),
    ...{ sandbox: folder.sandbox, diskBytes: folder.diskBytes, needed: folder.needed ?? [] },
  });
  const [pair = { dev: 0, eval: 0 }] = stored.scenario.classes[folder.class].seeds;
  const trial = await trialOf(order, judgement, {
    trialId: folder.trialId,
    startedAt: new Date(startedMs).toISOString(),
    endedAt: new Date(ctx.clock.wallMs()).toISOString(),
    ...{ version, machine },
    entry: {
      // Another submission is another entry.
      agent: { id: 'judged-folder', version: judgement.submission?.sha256.slice(0, 12) ?? null },
      ...{ harness: null, model: null, promptSha256: null },
      forcedEngine: forceEngine,
    },
    seeds: pair,
    ...{ agentPhase: null, bestVerified: null },
  });
  await writeFileAtomic(join(outputDir, trialFile), `${JSON.stringify(trial, null, 2)}\n`);
  await keepReference(outputDir, judgement, {
    measuredAt: trial.endedAt,
    ...{ version, machine, scenarioSha256: stored.sha256, class: folder.class },
    questionsSha256: folder.questions.sha256,
  });
  return { trial, judgement };
}

/** reference.json, where the reference was measured in the trial. */
export async function keepReference(
  folder: string,
  judgement: Pick<Judgement, 'reference' | 'ground'>,
  label: Pick<
    ReferenceFile,
    'measuredAt' | 'version' | 'machine' | 'scenarioSha256' | 'questionsSha256' | 'class'
  >,
): Promise<void> {
  const reference = storableReference(judgement);
  if (judgement.reference.measured === 'stored' || reference === null) return;
  const text = writeReference({ ...label, ...reference });
  await writeFileAtomic(join(folder, 'reference.json'), text);
}
