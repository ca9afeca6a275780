import {
  type LaunchedSubmission,
  launcherFolder,
  type ReferenceServer,
} from '../../../arena/index.ts';
import { BenchError } from '../../../core/index.ts';
import {
  chooseThreads,
  descendantsOf,
  type EngineContext,
  findEngine,
} from '../../../engines/index.ts';
import type { ScenarioClass, ScenarioSize } from '../../../model/index.ts';
import { holdLimits } from '../../../sandbox/index.ts';
import { announce } from '../../open-target.ts';
import { openClient } from '../client/open-client.ts';
import { createHttpOracle } from './http-oracle.ts';
import { type LaunchSettings, launchSubmission } from './launch-submission.ts';
import { requireDevice } from './reference-device.ts';

export interface ReferenceSettings {
  reference: ScenarioSize['reference'];
  /** The scenario's folder, which has a launcher's files in `reference/`. */
  scenarioDir: string;
  class: ScenarioClass;
  /** A GGUF file or a folder in Hugging Face format. */
  modelFile: string;
  contextTokens: number;
  launch: LaunchSettings;
  /** The scenario's, and one of this machine; null = none. */
  accelerator: { wanted: string | null; present: string | null };
  /** Told what the PyTorch reference computes on, where it says so. */
  onDevice(device: string): void;
}

/** A plain server without batching takes its time; it is trusted to come to an end. */
const patience = 10;

/** Starts what a scenario measures against. @throws BenchError PREREQ_*, ENGINE_* */
export async function startReference(
  ctx: EngineContext,
  settings: ReferenceSettings,
): Promise<ReferenceServer> {
  const { kind, witness } = settings.reference;
  if (kind === 'pytorch') return startPyTorch(ctx, settings);
  if (witness !== 'pytorch') {
    const launched = await startLauncher(ctx, settings);
    return serverAt(ctx, launched.baseUrl, settings.launch, async () => {
      await launched.stop();
    });
  }
  // The launcher is measured; what it says is counted and replayed by a server that is trusted to.
  const trusted = await startPyTorch(ctx, {
    ...settings,
    launch: { ...settings.launch, onLimits: () => {} },
    // Nothing of it is timed: it may compute where it likes.
    accelerator: { ...settings.accelerator, present: null },
    onDevice: () => {},
  });
  try {
    const launched = await startLauncher(ctx, settings);
    return {
      oracle: trusted.oracle,
      send: launched.send,
      async stop() {
        await launched.stop();
        await trusted.stop();
      },
    };
  } catch (error) {
    await trusted.stop();
    throw error;
  }
}

async function startPyTorch(
  ctx: EngineContext,
  { launch, modelFile, contextTokens, accelerator, onDevice }: ReferenceSettings,
): Promise<ReferenceServer> {
  const engine = findEngine('pytorch');
  const located = await engine.locate(ctx);
  if (located === null) announce(ctx, engine.id, await engine.sources(ctx));
  const installed = located ?? (await engine.install(ctx));
  const { memoryBytes, cpus, cpuset } = launch.limits;
  const held = await holdLimits(ctx.clock, { memoryBytes, cpus, cpuset });
  try {
    const running = await engine.start(ctx, installed, {
      modelPath: modelFile,
      modelName: launch.modelName,
      host: '127.0.0.1',
      port: 0,
      slots: 1,
      contextTokens,
      threads: chooseThreads(Math.min(ctx.cpuCount, cpus ?? ctx.cpuCount)),
      logPath: `${launch.logPath}.pytorch.log`,
      // Its own choice is the GPU where torch sees one.
      extraArgs: accelerator.wanted === null ? ['--device', 'cpu'] : [],
      startupTimeoutMs: engine.defaults.startupTimeoutMs,
      wrapper: held.wrapper,
    });
    const members = () => [running.pid, ...descendantsOf(running.pid).map(({ pid }) => pid)];
    await held.watch(members, () => void running.stop());
    const { device } = await running.settings();
    if (typeof device === 'string') {
      try {
        requireDevice({ device, ...accelerator });
      } catch (error) {
        await running.stop();
        throw error;
      }
      onDevice(device);
    }
    return serverAt(ctx, running.baseUrl, launch, async () => {
      await running.stop();
      launch.onLimits(await held.close());
    });
  } catch (error) {
    await held.close();
    throw error;
  }
}

/** A launcher that the scenario owns, started as a submission is. */
async function startLauncher(
  ctx: EngineContext,
  { launch, scenarioDir, class: size }: ReferenceSettings,
): Promise<LaunchedSubmission> {
  const folder = await launcherFolder(scenarioDir, 'reference', size);
  if (folder === null) {
    throw new BenchError(
      'PREREQ_REFERENCE',
      `The scenario has no reference/start_server.sh in ${scenarioDir}.`,
      { hint: 'Its reference is a launcher of its own, which has to be there.' },
    );
  }
  const launched = await launchSubmission(ctx, folder, {
    ...launch,
    logPath: `${launch.logPath}.reference.log`,
    requestTimeoutMs: patience * launch.requestTimeoutMs,
  });
  try {
    await launched.ready();
  } catch (error) {
    await launched.stop();
    throw error;
  }
  return launched;
}

function serverAt(
  ctx: EngineContext,
  baseUrl: string,
  { modelName, requestTimeoutMs, client: kind }: LaunchSettings,
  end: () => Promise<void>,
): ReferenceServer {
  const oracle = createHttpOracle(baseUrl, modelName, ctx.clock);
  const client = openClient(ctx, kind);
  const target = { baseUrl, model: modelName, requestTimeoutMs: patience * requestTimeoutMs };
  return {
    oracle,
    send: (traffic) => client.send(target, traffic),
    async stop() {
      await client.close();
      await oracle.close();
      await end();
    },
  };
}
