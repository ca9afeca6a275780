import { join } from 'node:path';
import {
  createGroundLog,
  type Judgement,
  type JudgeOrder,
  type JudgePorts,
  judgeSubmission,
  type LaunchTrace,
  type QuestionSet,
  type SecondOpinion,
  type StoredReference,
  type StoredScenario,
} from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { ownMemoryBytes } from '../../../host/index.ts';
import type { ScenarioClass, ScenarioSize } from '../../../model/index.ts';
import {
  ownCpus,
  type Sandbox,
  type SandboxMount,
  sandboxes,
  shareCpus,
} from '../../../sandbox/index.ts';
import { findAccelerator } from './find-accelerator.ts';
import { createJudgePorts } from './judge-ports.ts';
import type { LaunchSettings } from './launch-submission.ts';
import { prepareEngines } from './prepare-engines.ts';
import { prepareModel } from './prepare-model.ts';
import { recordLaunches } from './record-launches.ts';
import { recordRequests } from './record-requests.ts';

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
  questions: QuestionSet;
  /** GGUF file or folder in Hugging Face format; null = the scenario's model, from the cache. */
  modelPath: string | null;
  startupTimeoutS: number | null;
  sandbox: Sandbox;
  /** That a launch may write. */
  diskBytes: number;
  /** What the launcher may read of this machine beside what every one may. */
  needed?: readonly SandboxMount[];
  /** See JudgeOrder. */
  devSeed?: string;
  /** See JudgePorts. */
  secondOpinion?: SecondOpinion | null;
  /** Told what was seen of each launch of the submission. */
  onLaunch?: (trace: LaunchTrace) => void;
}

const startupTimeoutS = { small: 300, full: 900 };
const requestTimeoutS = { small: 120, full: 900 };

/** What a judge needs of the machine, for one folder. @throws BenchError PREREQ_* */
export async function portsFor(
  ctx: EngineContext,
  folder: Pick<
    FolderToJudge,
    | 'stored'
    | 'class'
    | 'workDir'
    | 'modelPath'
    | 'startupTimeoutS'
    | 'sandbox'
    | 'diskBytes'
    | 'needed'
    | 'onLaunch'
  >,
): Promise<JudgePorts> {
  const { stored, workDir, sandbox } = folder;
  const size = stored.scenario.classes[folder.class];
  const { kind, witness } = size.reference;
  const model = await prepareModel(ctx, size.model, {
    modelPath: folder.modelPath,
    folder: join(workDir, 'model'),
    sandbox,
    reference: size.reference,
  });
  const shares = shareCpus(ownCpus(), size.limits.cpus);
  const present = await findAccelerator();
  const ground = createGroundLog({
    ...{ sandbox, limits: size.limits, clientCpus: shares.client },
    machine: { cpus: ctx.cpuCount, memoryBytes: ownMemoryBytes(), accelerator: present },
  });
  const launch: LaunchSettings = {
    sandbox,
    limits: limitsOf(size.limits, { cpuset: shares.program, diskBytes: folder.diskBytes }),
    client: { apart: sandbox.isolates, cpus: shares.client },
    onLimits: (limits) => ground.add('server', limits),
    modelPath: model.folder,
    modelName: size.model,
    engines: await prepareEngines(ctx, sandbox, join(workDir, 'engines')),
    readOnly: [...model.mounts, ...(folder.needed ?? [])],
    accelerators: size.limits.accelerator !== null,
    startupTimeoutMs: 1000 * (folder.startupTimeoutS ?? startupTimeoutS[folder.class]),
    requestTimeoutMs: 1000 * requestTimeoutS[folder.class],
    logPath: join(workDir, 'server.log'),
  };
  return createJudgePorts(ctx, {
    reference: size.reference,
    scenarioDir: stored.dir,
    class: folder.class,
    modelFile: model.file,
    modelFiles: model.files,
    ground,
    onLaunch: folder.onLaunch,
    contextTokens: size.maxModelTokens,
    accelerator: { wanted: size.limits.accelerator, present },
    launch,
    referenceLaunch: {
      ...(kind === 'launcher' && witness !== 'pytorch' && sandbox.isolates
        ? await openLaunch(ctx, launch, { size, modelPath: folder.modelPath, workDir })
        : launch),
      onLimits: (limits) => ground.add('reference', limits),
    },
  });
}

const GiB = 1024 ** 3;
/** More than a submission may bring, and what it may write. */
export const defaultDiskBytes = 8 * GiB;
/** Of the judged server: more than any needs, and less than harms the machine. */
const mostProcesses = 4096;

/** What the scenario says, for both sides; processes and disk so that no server harms the machine. */
function limitsOf(
  { cpus, memoryGiB }: ScenarioSize['limits'],
  held: Pick<LaunchSettings['limits'], 'cpuset' | 'diskBytes'>,
): LaunchSettings['limits'] {
  return { memoryBytes: memoryGiB * GiB, cpus, processes: mostProcesses, ...held };
}

/** A launcher that is its own witness is asked from outside, and needs no sandbox. */
async function openLaunch(
  ctx: EngineContext,
  launch: LaunchSettings,
  { size, modelPath, workDir }: { size: ScenarioSize; modelPath: string | null; workDir: string },
): Promise<LaunchSettings> {
  const sandbox = sandboxes.get('process');
  const folder = join(workDir, 'reference-model');
  const { model: id, reference } = size;
  const model = await prepareModel(ctx, id, { modelPath, folder, sandbox, reference });
  const engines = await prepareEngines(ctx, sandbox, join(workDir, 'reference-engines'));
  return { ...launch, sandbox, modelPath: model.folder, readOnly: [], engines };
}

/**
 * Judges it on this machine: `judgeSubmission` with the engines, the client and the reference that
 * everything else uses.
 * @throws BenchError PREREQ_* for a model that is not to be had; the abort reason
 */
export async function judgeFolder(
  ctx: EngineContext,
  folder: FolderToJudge,
): Promise<{ order: JudgeOrder; judgement: Judgement }> {
  const { secondOpinion = null } = folder;
  const kept = (name: string) => join(folder.workDir, name);
  const ports = recordRequests(
    recordLaunches({ ...(await portsFor(ctx, folder)), secondOpinion }, kept('launches.jsonl')),
    kept('requests.jsonl'),
  );
  const order: JudgeOrder = {
    stored: folder.stored,
    class: folder.class,
    submissionDir: folder.submissionDir,
    collectDir: join(folder.workDir, 'submission'),
    secret: folder.secret,
    forcedEngine: folder.forcedEngine,
    storedReference: folder.storedReference,
    questions: folder.questions,
    ...(folder.devSeed !== undefined && { devSeed: folder.devSeed }),
  };
  return { order, judgement: await judgeSubmission(order, ports) };
}
