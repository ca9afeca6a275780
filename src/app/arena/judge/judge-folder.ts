import { join } from 'node:path';
import {
  type Judgement,
  type JudgeOrder,
  judgeSubmission,
  type StoredReference,
  type StoredScenario,
} from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import type { ScenarioClass } from '../../../model/index.ts';
import { sandboxes } from '../../../sandbox/index.ts';
import { createJudgePorts } from './judge-ports.ts';
import { prepareEngines } from './prepare-engines.ts';
import { prepareModel } from './prepare-model.ts';

/** A folder with a launch script, and how it is to be judged. */
export interface FolderToJudge {
  stored: StoredScenario;
  class: ScenarioClass;
  submissionDir: string;
  /** For the judge's own files: the collected submission, logs, what launchers are offered. */
  workDir: string;
  secret: Uint8Array;
  forcedEngine: string | null;
  storedReference: StoredReference | null;
  /** GGUF file or folder in Hugging Face format; null = the scenario's model, from the cache. */
  modelPath: string | null;
  startupTimeoutS: number | null;
}

const startupTimeoutS = { small: 300, full: 900 };
const requestTimeoutS = { small: 120, full: 900 };

/**
 * Judges it on this machine: `judgeSubmission` with the engines, the client and the reference that
 * everything else uses.
 * @throws BenchError PREREQ_* for a model that is not to be had; the abort reason
 */
export async function judgeFolder(
  ctx: EngineContext,
  folder: FolderToJudge,
): Promise<{ order: JudgeOrder; judgement: Judgement }> {
  const { stored, workDir } = folder;
  const size = stored.scenario.classes[folder.class];
  const sandbox = sandboxes.get('process');
  const model = await prepareModel(ctx, size.model, {
    modelPath: folder.modelPath,
    folder: join(workDir, 'model'),
  });
  const ports = createJudgePorts(ctx, {
    kind: size.reference.kind,
    scenarioDir: stored.dir,
    modelFile: model.file,
    contextTokens: size.maxModelTokens,
    launch: {
      sandbox,
      limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null },
      modelPath: { from: model.folder, to: '/model' },
      modelName: size.model,
      engines: await prepareEngines(ctx, sandbox, join(workDir, 'engines')),
      readOnly: [],
      startupTimeoutMs: 1000 * (folder.startupTimeoutS ?? startupTimeoutS[folder.class]),
      requestTimeoutMs: 1000 * requestTimeoutS[folder.class],
      logPath: join(workDir, 'server.log'),
    },
  });
  const order: JudgeOrder = {
    stored,
    class: folder.class,
    submissionDir: folder.submissionDir,
    collectDir: join(workDir, 'submission'),
    secret: folder.secret,
    forcedEngine: folder.forcedEngine,
    storedReference: folder.storedReference,
  };
  return { order, judgement: await judgeSubmission(order, ports) };
}
