import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReferenceServer } from '../../../arena/index.ts';
import { BenchError } from '../../../core/index.ts';
import { type EngineContext, findEngine } from '../../../engines/index.ts';
import { announce } from '../../open-target.ts';
import { sendTraffic } from './ask-server.ts';
import { createHttpOracle } from './http-oracle.ts';
import { type LaunchSettings, launchSubmission } from './launch-submission.ts';

export interface ReferenceSettings {
  kind: 'pytorch' | 'launcher';
  /** The scenario's folder, which has a launcher's files in `reference/`. */
  scenarioDir: string;
  /** A GGUF file or a folder in Hugging Face format. */
  modelFile: string;
  contextTokens: number;
  launch: LaunchSettings;
}

/** Starts what a scenario measures against. @throws BenchError PREREQ_*, ENGINE_* */
export async function startReference(
  ctx: EngineContext,
  settings: ReferenceSettings,
): Promise<ReferenceServer> {
  return settings.kind === 'pytorch' ? startPyTorch(ctx, settings) : startLauncher(ctx, settings);
}

async function startPyTorch(
  ctx: EngineContext,
  { launch, modelFile, contextTokens }: ReferenceSettings,
): Promise<ReferenceServer> {
  const engine = findEngine('pytorch');
  const located = await engine.locate(ctx);
  if (located === null) announce(ctx, engine.id, await engine.sources(ctx));
  const running = await engine.start(ctx, located ?? (await engine.install(ctx)), {
    modelPath: modelFile,
    modelName: launch.modelName,
    host: '127.0.0.1',
    port: 0,
    slots: 1,
    contextTokens,
    threads: null,
    logPath: `${launch.logPath}.reference.log`,
    extraArgs: [],
    startupTimeoutMs: engine.defaults.startupTimeoutMs,
  });
  return serverAt(ctx, running.baseUrl, launch, async () => {
    await running.stop();
  });
}

/** A launcher that the scenario owns, started as a submission is. */
async function startLauncher(
  ctx: EngineContext,
  { launch, scenarioDir }: ReferenceSettings,
): Promise<ReferenceServer> {
  const folder = join(scenarioDir, 'reference');
  if ((await stat(join(folder, 'start_server.sh')).catch(() => null)) === null) {
    throw new BenchError('PREREQ_REFERENCE', `The scenario has no ${folder}/start_server.sh.`, {
      hint: 'Its reference is a launcher of its own, which has to be there.',
    });
  }
  const logPath = `${launch.logPath}.reference.log`;
  const launched = await launchSubmission(ctx, folder, { ...launch, logPath });
  try {
    await launched.ready();
  } catch (error) {
    await launched.stop();
    throw error;
  }
  return serverAt(ctx, launched.baseUrl, launch, async () => {
    await launched.stop();
  });
}

function serverAt(
  ctx: EngineContext,
  baseUrl: string,
  { modelName, requestTimeoutMs }: LaunchSettings,
  end: () => Promise<void>,
): ReferenceServer {
  const oracle = createHttpOracle(baseUrl, modelName, ctx.clock);
  const signal = ctx.signal ?? new AbortController().signal;
  // A plain server without batching takes its time; it is trusted to come to an end.
  const target = { baseUrl, model: modelName, requestTimeoutMs: 10 * requestTimeoutMs };
  return {
    oracle,
    send: (traffic) => sendTraffic(target, traffic, { clock: ctx.clock, signal }),
    async stop() {
      await oracle.close();
      await end();
    },
  };
}
