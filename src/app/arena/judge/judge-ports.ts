import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GroundLog, JudgePorts, LaunchTrace, Oracle } from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { datasets, type LoadedDataset, noOverhead } from '../../../workload/index.ts';
import { traceLaunch } from '../trace/trace-launch.ts';
import { type LaunchSettings, launchSubmission } from './launch-submission.ts';
import { type ReferenceSettings, startReference } from './start-reference.ts';
import { timeWeights } from './time-weights.ts';

/** The judge's ports on this machine: the engines, the client and the prompts of every measurement. */
export function createJudgePorts(
  ctx: EngineContext,
  settings: ReferenceSettings & {
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
    startReference: () => startReference(ctx, { ...settings, launch: settings.referenceLaunch }),
    makePrompt: prompts,
    traceLaunch: (folder, ask, readyMs) =>
      traceLaunch(
        ctx,
        { folder, ask, readyMs, modelFile: settings.modelFile },
        { ...settings.launch, logPath: `${settings.launch.logPath}.traced.log` },
      ),
    timeWeights: () => timeWeights(ctx, settings.modelFile, settings.launch.sandbox.isolates),
    hashModel: () => hashFiles(settings.modelFiles),
    ground: settings.ground.read,
  };
}

/** Made-up sentences of exact length; what they are made of is asked of each reference once. */
function createPromptMaker(): JudgePorts['makePrompt'] {
  const loaded = new WeakMap<Oracle, Promise<LoadedDataset>>();
  return async (oracle, seed, inputTokens) => {
    let dataset = loaded.get(oracle);
    if (dataset === undefined) {
      dataset = loadProse(oracle);
      loaded.set(oracle, dataset);
    }
    const { promptText } = await dataset;
    return promptText({ dataset: 'prose', seed, row: null }, inputTokens);
  };
}

async function loadProse(oracle: Oracle): Promise<LoadedDataset> {
  const counter = {
    source: 'reference',
    count: (texts: readonly string[]) => oracle.countTokens(texts),
  };
  const text = 'Please tell me about the river.';
  const [own = 0] = await oracle.countTokens([text]);
  const whole = await oracle.countPrompt([{ role: 'user', content: text }]);
  const overhead = { ...noOverhead, promptTokens: Math.max(0, whole - own) };
  return datasets.get('prose').load({ counter, overhead, chat: true, seed: 0, path: null });
}

/** Over names and contents of files, and of all files of folders. */
async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory();
    const files = isFolder
      ? (await readdir(path, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [path];
    for (const file of files.toSorted()) {
      hash.update(`${file.slice(path.length)}\0`);
      for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
