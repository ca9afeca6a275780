import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  createPreview,
  findAgent,
  findScenario,
  launcherFolder,
  requireModel,
  type StartingPoint,
  type StoredReference,
  type StoredScenario,
  type TrialSetup,
} from '../../../arena/index.ts';
import { BenchError, isBenchError } from '../../../core/index.ts';
import {
  type EngineContext,
  findEngine,
  type InstalledEngine,
  requirePython,
} from '../../../engines/index.ts';
import { describeEnvironment, packageVersion } from '../../../host/index.ts';
import { announce } from '../../open-target.ts';
import { chooseSandbox } from '../choose-sandbox.ts';
import { chooseQuestions } from '../judge/choose-questions.ts';
import { hashFiles } from '../judge/hash-files.ts';
import { judgeFolder, portsFor } from '../judge/judge-folder.ts';
import { keepReference } from '../judge/judge-to-trial.ts';
import { findOpinion } from '../judge/opinion-program.ts';
import { llamaCppOffer } from '../judge/prepare-engines.ts';
import { prepareModel, requireFetched } from '../judge/prepare-model.ts';
import { type ReferenceWanted, readReference } from '../judge/reference-file.ts';
import { machineOf } from '../trial-output.ts';
import type { TrialOrder } from './run-settings.ts';

/** The engine that agents are offered. */
const engineId = 'llama.cpp';
const MiB = 1 << 20;

const engineScript = (args: readonly string[]) => `#!/bin/sh
exec "$BENCH_ENGINES/bin/${engineId}-server" --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" \\
  --host "$HOST" --port "$PORT" ${args.join(' ')}
`;

/**
 * Joins what a trial is made of, from what it was asked for.
 * @throws BenchError USAGE_*, PREREQ_*
 */
export async function buildSetup(
  ctx: EngineContext,
  settings: TrialOrder['settings'],
  place: { folder: string; cwd: string; resumed: boolean },
): Promise<TrialSetup & { stored: StoredScenario }> {
  const stored = await findScenario(settings.scenario, place.cwd);
  const size = stored.scenario.classes[settings.class];
  requireFetched({ stored, class: settings.class }, settings.modelPath);
  const seeds = size.seeds[settings.repeat - 1];
  if (seeds === undefined) {
    throw new BenchError(
      'USAGE_ARENA_REPEAT',
      `--repeat ${settings.repeat}: ${stored.scenario.id} has ${size.seeds.length} ${size.seeds.length === 1 ? 'pair' : 'pairs'} of seeds in class ${settings.class}.`,
      { hint: `Give a number from 1 to ${size.seeds.length}, or leave it away for the first.` },
    );
  }
  const say = (message: string) => ctx.emit({ kind: 'phase', name: 'measure', message });
  const questions = await chooseQuestions(
    { stored, class: settings.class },
    { given: settings.questions, cwd: place.cwd },
    say,
  );
  const toolVersion = packageVersion();
  const machine = machineOf(await describeEnvironment());
  const reference = await findReference(ctx, settings, {
    ...{ version: toolVersion, machine, class: settings.class },
    ...{ scenarioSha256: stored.sha256, questionsSha256: questions.sha256 },
    ...{ nowMs: ctx.clock.wallMs() },
    resumed: place.resumed,
  });
  const sandbox = await chooseSandbox(ctx, settings.sandbox);
  const agent = await findAgent(await agentOf(settings.agent, place), {
    cwd: place.cwd,
    tunables: findEngine(engineId).tunables,
  });
  const startFolder =
    size.reference.kind === 'launcher'
      ? await launcherFolder(stored.dir, 'reference', settings.class)
      : null;
  const startingPoint: StartingPoint =
    settings.startingPoint ?? (startFolder === null ? 'stub' : 'running');
  const installed = await findOffer(ctx, settings, {
    needed: startingPoint === 'running' && startFolder === null,
  });
  const python = await requirePython(ctx, [3, 10], { needsPip: false });
  const model = await prepareModel(ctx, size.model, {
    modelPath: settings.modelPath,
    folder: join(place.folder, 'model'),
    sandbox,
    reference: size.reference,
  });
  if (reference !== null) requireModel(reference, await hashFiles(model.files));
  // A name that is none is said now, not when the agent's time is over.
  if (settings.forceEngine !== null) findEngine(settings.forceEngine);
  const secondOpinion = await findOpinion(settings.secondOpinion, { ...place, env: ctx.env });
  const entry = { harness: null, model: null, forcedEngine: settings.forceEngine };
  const judged = {
    ...{ stored, class: settings.class, modelPath: settings.modelPath },
    ...{ startupTimeoutS: settings.startupTimeout, sandbox, questions },
    diskBytes: settings.disk * MiB,
  };
  const common = { ctx, stored, class: settings.class, seeds, entry, toolVersion, machine };
  return {
    ...common,
    folder: place.folder,
    agent,
    sandbox,
    startingPoint,
    startFolder,
    budgetS: settings.budget ?? size.budgetS,
    diskBytes: settings.disk * MiB,
    model,
    modelName: size.model,
    python: python.path,
    engines: installed === null ? [] : [llamaCppOffer(installed, python.path)],
    startScript: engineScript,
    async judge({ submissionDir, workDir, secret }) {
      const { judgement } = await judgeFolder(ctx, {
        ...judged,
        secondOpinion,
        ...{ submissionDir, workDir, secret },
        forcedEngine: settings.forceEngine,
        storedReference: reference,
      });
      await keepReference(place.folder, judgement, {
        measuredAt: new Date(ctx.clock.wallMs()).toISOString(),
        ...{ version: toolVersion, machine },
        ...{ scenarioSha256: stored.sha256, questionsSha256: questions.sha256 },
        class: settings.class,
      });
      return judgement;
    },
    preview: createPreview(
      { ...common, reference },
      {
        portsFor: (previewCtx, workDir, onLaunch) =>
          portsFor(previewCtx, { ...judged, workDir, onLaunch }),
        async judgeAgain(previewCtx, { submissionDir, workDir, devSeed, reference, onLaunch }) {
          const { judgement } = await judgeFolder(previewCtx, {
            ...judged,
            ...{ submissionDir, workDir, devSeed, onLaunch },
            secret: new Uint8Array(32),
            forcedEngine: settings.forceEngine,
            storedReference: reference,
          });
          return judgement;
        },
      },
    ),
    say,
  };
}

/** A resume goes by the trial's own copy of a script: the script may have been changed or moved since. */
async function agentOf(
  asked: string,
  { folder, resumed }: { folder: string; resumed: boolean },
): Promise<string> {
  if (!resumed || !asked.startsWith('script:')) return asked;
  const copy = join(folder, 'agent', basename(asked));
  return access(copy).then(
    () => `script:${copy}`,
    () => asked,
  );
}

/**
 * What was measured before, if it holds here: said now, not when the agent's time is over. A trial that
 * is resumed has to come to its end: a file that is too old by then is left aside.
 * @throws BenchError PREREQ_REFERENCE
 */
async function findReference(
  ctx: EngineContext,
  { reference }: TrialOrder['settings'],
  { resumed, ...wanted }: ReferenceWanted & { resumed: boolean },
): Promise<StoredReference | null> {
  // Orders of trials that were begun before there was such an option have none.
  if (!reference) return null;
  try {
    return await readReference(reference, wanted);
  } catch (error) {
    if (!resumed || !isBenchError(error)) throw error;
    const message = `${error.message} It is measured in the trial.`;
    ctx.emit({ kind: 'phase', name: 'measure', message });
    return null;
  }
}

/**
 * The engine that is there, or is fetched. With a model of one's own nothing is fetched: it may be of
 * a kind that this engine does not serve.
 * @throws BenchError PREREQ_ENGINE
 */
async function findOffer(
  ctx: EngineContext,
  { modelPath, agent }: TrialOrder['settings'],
  { needed }: { needed: boolean },
): Promise<InstalledEngine | null> {
  const engine = findEngine(engineId);
  const located = await engine.locate(ctx);
  if (located !== null) return located;
  if (modelPath === null) {
    announce(ctx, engine.id, await engine.sources(ctx));
    return engine.install(ctx);
  }
  if (agent.startsWith('script:') && !needed) return null;
  throw new BenchError('PREREQ_ENGINE', `This trial starts ${engineId}, which is not here.`, {
    hint: `bench engine install ${engineId}`,
  });
}
