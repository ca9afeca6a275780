import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { BenchError, messageOf, sleepMs } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';
import type { Isolation } from './isolation.ts';
import { probeIsolation } from './isolation.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { isProcessAlive } from './process-identity.ts';
import {
  descendantsOf,
  findInGroup,
  findMarked,
  killAll,
  runMarker,
  sendSignal,
} from './process-sweep.ts';

export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** What stopping came to; `survivors` other than empty is a fault worth telling. */
export interface StopReceipt {
  /** already-exited: before the stop; terminated: by itself within the grace; killed: by force. */
  how: 'already-exited' | 'terminated' | 'killed';
  exit: ProcessExit | null;
  /** Processes that outlived the first one and had to be killed. */
  sweptPids: number[];
  survivors: number[];
  tookMs: number;
}

/** A program and everything it starts, as one thing that can be ended. */
export interface ProcessTree {
  /** Leader of the process group, seen from here. */
  readonly groupPid: number;
  readonly isolation: Isolation;
  /** The program itself, past any wrappers, seen from here; null while it is not up. */
  enginePid(): number | null;
  readonly exited: Promise<ProcessExit>;
  hasExited(): boolean;
  /** Terminate, wait the grace, kill, sweep what is left. May be called again. */
  stop(options?: { graceMs?: number }): Promise<StopReceipt>;
}

export interface SpawnTreeOptions {
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Standard output and error are appended there, or handed over piece by piece. */
  logPath: string | ((piece: Buffer) => void);
  cwd?: string;
  /** For tests; found out otherwise. */
  isolation?: Awaited<ReturnType<typeof probeIsolation>>;
}

/**
 * Starts a program tied to this process: it dies when this one does, whatever the cause. Its
 * standard input is a pipe that ends with this process. Call from the main thread: the kernel
 * counts the death of the starting *thread*.
 * @throws BenchError `ENGINE_SPAWN`; the abort reason when `ctx.signal` is aborted.
 */
export async function spawnTree(
  ctx: EngineContext,
  options: SpawnTreeOptions,
): Promise<ProcessTree> {
  const isolation = options.isolation ?? (await probeIsolation(ctx));
  // An interrupted probe knows nothing, and nobody waits for the program any more.
  throwIfAborted(ctx);
  const [program = '', ...args] = [...isolation.prefix, ...options.command];
  const marker = randomUUID();
  const { logPath } = options;
  const log = typeof logPath === 'string' ? openSync(logPath, 'a') : 'pipe';
  const child = spawn(program, args, {
    detached: true,
    env: { ...ctx.env, ...options.env, [runMarker]: marker },
    stdio: ['pipe', log, log],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (typeof log === 'number') closeSync(log);
  if (typeof logPath === 'function') {
    child.stdout?.on('data', logPath);
    child.stderr?.on('data', logPath);
  }
  // A broken pipe only says that the engine closed its input.
  child.stdin?.on('error', () => {});
  let exit: ProcessExit | null = null;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(
        new BenchError('ENGINE_SPAWN', `Cannot start ${program}: ${messageOf(error)}.`, {
          cause: error,
        }),
      ),
    );
  });
  const groupPid = child.pid ?? 0;

  const enginePid = (): number | null => {
    if (exit !== null) return null;
    // The first child of a guard is its reader.
    return descendantsOf(groupPid)[isolation.kind === 'pid-namespace' ? 0 : 1]?.pid ?? null;
  };
  const terminate = () => {
    if (isolation.kind !== 'pid-namespace') {
      // The guard takes the end of the pipe for the death of bench, and kills at once.
      sendSignal(groupPid, 'SIGTERM');
      return;
    }
    child.stdin?.end();
    // The wrapper must stay until its child has ended: its death is a SIGKILL.
    const first = enginePid();
    if (first !== null) sendSignal(first, 'SIGTERM');
    else sendSignal(-groupPid, 'SIGTERM');
  };
  const stop = async ({ graceMs = 5_000 } = {}): Promise<StopReceipt> => {
    const startUs = ctx.clock.nowUs();
    const members: ProcessIdentity[] = descendantsOf(groupPid);
    let how: StopReceipt['how'] = 'already-exited';
    if (exit === null) {
      how = 'terminated';
      terminate();
      await Promise.race([exited, sleepMs(ctx.clock, graceMs)]);
      if (exit === null) {
        how = 'killed';
        sendSignal(-groupPid, 'SIGKILL');
        await Promise.race([exited, sleepMs(ctx.clock, 5_000)]);
      }
    }
    child.stdin?.destroy();
    // Members of the group that did not end with its leader.
    sendSignal(-groupPid, 'SIGKILL');
    const left = unique([...members, ...findInGroup(groupPid), ...findMarked(marker)]).filter(
      isProcessAlive,
    );
    const survivors = await killAll(ctx.clock, left);
    return {
      how,
      exit,
      sweptPids: left.map(({ pid }) => pid),
      survivors: survivors.map(({ pid }) => pid),
      tookMs: (ctx.clock.nowUs() - startUs) / 1000,
    };
  };
  return {
    groupPid,
    isolation: isolation.kind,
    enginePid,
    exited,
    hasExited: () => exit !== null,
    stop,
  };
}

function unique(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return [...new Map(processes.map((entry) => [entry.pid, entry])).values()];
}
