import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type {
  LaunchedSubmission,
  LaunchTrace,
  SeenProcess,
  Traffic,
} from '../../../arena/index.ts';
import { BenchError, isBenchError, repeatEvery, sleepMs } from '../../../core/index.ts';
import {
  type EngineContext,
  lookAtProcesses,
  pickFreePort,
  readLogTail,
} from '../../../engines/index.ts';
import {
  type LimitReport,
  reachedLimits,
  type Sandbox,
  type SandboxLimits,
  type SandboxMount,
  type SandboxReceipt,
} from '../../../sandbox/index.ts';
import type { LoadClient } from '../client/load-client.ts';
import { type ClientKind, openClient } from '../client/open-client.ts';

export interface LaunchSettings {
  sandbox: Sandbox;
  limits: SandboxLimits;
  /** Of the server's load client, and of the reference's. */
  client: ClientKind;
  /** Told who held the limits, when a launch has ended. */
  onLimits(limits: readonly LimitReport[]): void;
  /** What the launcher is told in MODEL_PATH. */
  modelPath: SandboxMount;
  modelName: string;
  /** In BENCH_ENGINES; null = none is offered. */
  engines: { place: string; mounts: readonly SandboxMount[] } | null;
  /** Other folders that it may read. */
  readOnly: readonly SandboxMount[];
  startupTimeoutMs: number;
  requestTimeoutMs: number;
  /** The scenario has one: it sees those of this machine. */
  accelerators: boolean;
  /** Its output is appended there. */
  logPath: string;
  /** See SandboxOptions. */
  tracer?: readonly string[];
}

/** A launch, and what to know of it on this machine. */
export interface StartedSubmission extends LaunchedSubmission {
  /** Every process of it, the launcher first. */
  members(): number[];
  /** Its folder as it sees it, links resolved. */
  readonly folder: string;
}

const host = '127.0.0.1';
/** Between two looks at its processes. */
const lookEveryMs = 250;
/** Whatever the launcher's mode is, as the contract has it: its own folder, in the foreground. */
const launchCommand = [
  '/bin/sh',
  '-c',
  'if [ -x ./start_server.sh ]; then exec ./start_server.sh; else exec sh ./start_server.sh; fi',
];

/** A shell says of the script what is true of the program in its `#!` line; each in its own words. */
const hasNoInterpreter =
  /start_server\.sh: (not found|No such file|cannot execute|([^:]+: )?bad interpreter)/;
const interpreterAdvice =
  'check the #! line of start_server.sh: its program has to be there, and the line to end without a carriage return';

/**
 * Starts a collected submission: a copy of its files in a fresh folder, watched from outside.
 * @throws BenchError ENGINE_SPAWN, PREREQ_*
 */
export async function launchSubmission(
  ctx: EngineContext,
  folder: string,
  settings: LaunchSettings,
): Promise<StartedSubmission> {
  const work = await realpath(await mkdtemp(join(tmpdir(), 'bench-judged-')));
  try {
    return await launchIn(ctx, { folder, work }, settings);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

async function launchIn(
  ctx: EngineContext,
  { folder, work }: { folder: string; work: string },
  settings: LaunchSettings,
): Promise<StartedSubmission> {
  const { sandbox, modelPath, engines, tracer } = settings;
  await cp(folder, work, { recursive: true, preserveTimestamps: true });
  const before = new Set(await filesBelow(work));
  const port = await pickFreePort(host);
  const workspace = { from: work, to: '/submission' };
  const startUs = ctx.clock.nowUs();
  const inside = await sandbox.start(ctx, {
    command: launchCommand,
    ...(tracer !== undefined && { tracer }),
    workspace,
    readOnly: [modelPath, ...(engines?.mounts ?? []), ...settings.readOnly],
    env: {
      HOST: host,
      PORT: String(port),
      MODEL_PATH: sandbox.placeOf(modelPath),
      MODEL_NAME: settings.modelName,
      ...(engines !== null && { BENCH_ENGINES: engines.place }),
    },
    limits: settings.limits,
    accelerators: settings.accelerators,
    network: 'loopback',
    log: { path: settings.logPath, maxBytes: 64 * 1024 * 1024 },
    timeLimitMs: null,
  });
  const watch = watchProcesses(ctx, inside);
  // The timed path is one loopback, whatever the sandbox.
  const kind = { ...settings.client, apart: settings.client.apart || inside.isolated };
  const client = openClient(ctx, kind, inside.inNetwork);
  let final: LaunchTrace | null = null;
  const target = {
    baseUrl: `http://${host}:${port}/v1`,
    model: settings.modelName,
    requestTimeoutMs: settings.requestTimeoutMs,
  };
  const end = async (): Promise<LaunchTrace> => {
    await watch.stop();
    const receipt = await inside.stop();
    settings.onLimits(receipt.limits);
    const stillAnswered = !(await portIsFreed(ctx, client, port).catch((error) => {
      // A network that has gone with the server answers nothing.
      if (inside.isolated && isGone(error)) return true;
      throw error;
    }));
    await client.close();
    const written = (await filesBelow(work)).filter((path) => !before.has(path));
    return {
      ...watch.seen(),
      filesWritten: written,
      stop: {
        ...{ sweptPids: endedByForce(receipt), survivors: receipt.survivors, stillAnswered },
        reachedLimits: reachedLimits(receipt.limits),
      },
    };
  };
  return {
    baseUrl: target.baseUrl,
    async ready() {
      const died = inside.exited.then(async ({ code, signal: by }) => {
        const tail = (await readLogTail(settings.logPath, 3)).join(' | ');
        const how = by === null ? `with exit code ${code}` : `by ${by}`;
        const advice = hasNoInterpreter.test(tail) ? `; ${interpreterAdvice}` : '';
        throw new BenchError(
          'ENGINE_CRASHED',
          `The launcher ended ${how}: ${tail || 'no output'}${advice}`,
        );
      });
      died.catch(() => {});
      const readyMs = await Promise.race([
        died,
        client
          .ready({
            ...{ host, port, model: settings.modelName },
            elapsedMs: (ctx.clock.nowUs() - startUs) / 1000,
            timeoutMs: settings.startupTimeoutMs,
          })
          .catch(async (error) => {
            // Its network goes with the launcher, whose end may be told a moment later.
            if (isGone(error)) await Promise.race([died, sleepMs(ctx.clock, 10_000)]);
            throw error;
          }),
      ]);
      if (inside.hasExited()) await died;
      watch.markReady();
      return { readyMs };
    },
    send: (traffic: Traffic) => client.send(target, traffic),
    hasExited: inside.hasExited,
    members: inside.members,
    folder: sandbox.placeOf(workspace),
    async stop() {
      try {
        final ??= await end();
        return final;
      } finally {
        // Not even an interrupt in the middle leaves them behind.
        await client.close();
        await rm(work, { recursive: true, force: true });
      }
    },
  };
}

/**
 * A launcher with its server as a child ends first when it is told to; that the kernel then takes the
 * child along is no sign of anything.
 */
const endedByForce = ({ how, endedBy, sweptPids }: SandboxReceipt) =>
  how !== 'killed' && endedBy === 'pid-namespace' ? [] : sweptPids;

const isGone = (error: unknown) => isBenchError(error) && error.code === 'CLIENT_FAILED';

/** Sockets of what was killed may take a moment to go. */
async function portIsFreed(ctx: EngineContext, client: LoadClient, port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await client.isPortFree(host, port)) return true;
    await ctx.clock.sleepUntil(ctx.clock.nowUs() + 100_000);
  }
  return false;
}

/** Polls /proc only: nothing that would slow the server down. */
function watchProcesses(
  ctx: EngineContext,
  inside: { pid(): number | null; members(): number[] },
): {
  seen(): Omit<LaunchTrace, 'stop' | 'filesWritten'>;
  markReady(): void;
  stop(): Promise<void>;
} {
  const processes = new Map<number, SeenProcess>();
  const outbound = new Map<string, number>();
  let ready = false;
  let looks = 0;
  let watched = true;
  const look = async () => {
    const root = inside.pid();
    if (root === null) return;
    const found = lookAtProcesses(inside.members());
    if (found === null) {
      watched = false;
      return;
    }
    looks += 1;
    for (const to of found.outbound) outbound.set(to, (outbound.get(to) ?? 0) + (ready ? 1 : 0));
    const own = found.processes.find(({ pid }) => pid === root);
    for (const { pid, parentPid, sessionId, command } of found.processes) {
      const earlier = processes.get(pid);
      const otherSession = own !== undefined && sessionId !== own.sessionId;
      // Whoever loses its parent falls to the first process of its namespace.
      const hasParent = parentPid !== root && found.processes.some((one) => one.pid === parentPid);
      const orphaned = pid !== root && !hasParent && otherSession;
      processes.set(pid, {
        pid,
        command,
        otherSession: otherSession || earlier?.otherSession === true,
        orphaned: orphaned || earlier?.orphaned === true,
      });
    }
  };
  const repeated = repeatEvery(ctx.clock, lookEveryMs, look);
  return {
    seen: () => ({
      watched,
      looks,
      processes: [...processes.values()],
      outbound: [...outbound].map(([to, seen]) => ({ to, looks: seen })),
    }),
    markReady() {
      ready = true;
    },
    async stop() {
      await repeated.again();
      await repeated.stop();
    },
  };
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}
