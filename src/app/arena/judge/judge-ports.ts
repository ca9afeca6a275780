import type { GroundLog, JudgePorts, LaunchTrace } from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { traceLaunch } from '../trace/trace-launch.ts';
import { hashFiles } from './hash-files.ts';
import { type LaunchSettings, launchSubmission } from './launch-submission.ts';
import { createPromptMaker } from './prompt-maker.ts';
import { type ReferenceSettings, startReference } from './start-reference.ts';
import { timeWeights } from './time-weights.ts';

/** The judge's ports on this machine: the engines, the client and the prompts of every measurement. */
export function createJudgePorts(
  ctx: EngineContext,
  settings: Omit<ReferenceSettings, 'onDevice'> & {
    referenceLaunch: LaunchSettings;
    /** Files and folders of the model. */
    modelFiles: readonly string[];
    ground: GroundLog;
    /** Told what was seen of each launch of the submission. */
    onLaunch?: ((trace: LaunchTrace) => void) | undefined;
  },
): JudgePorts {
  const prompts = createPromptMaker();
  return {
    clock: ctx.clock,
    signal: ctx.signal ?? new AbortController().signal,
    say: (message) => ctx.emit({ kind: 'phase', name: 'measure', message }),
    async launch(folder) {
      const launched = await launchSubmission(ctx, folder, settings.launch);
      if (settings.onLaunch === undefined) return launched;
      const { onLaunch } = settings;
      return {
        ...launched,
        async stop() {
          const trace = await launched.stop();
          onLaunch(trace);
          return trace;
        },
      };
    },
    startReference: () =>
      startReference(ctx, {
        ...settings,
        launch: settings.referenceLaunch,
        onDevice: settings.ground.computesOn,
      }),
    makePrompt: prompts,
    traceLaunch: (folder, ask, readyMs) =>
      traceLaunch(
        ctx,
        { folder, ask, readyMs, modelFile: settings.modelFile },
        { ...settings.launch, logPath: `${settings.launch.logPath}.traced.log` },
      ),
    timeWeights: () => {
      const { sandbox, accelerators } = settings.launch;
      return timeWeights(ctx, settings.modelFile, sandbox.isolates && !accelerators);
    },
    hashModel: () => hashFiles(settings.modelFiles),
    ground: settings.ground.read,
  };
}
