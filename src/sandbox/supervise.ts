import { sleepMs } from '../core/index.ts';
import type { EngineContext, StopReceipt } from '../engines/index.ts';
import { identifyProcess, isProcessAlive, killAll } from '../engines/index.ts';
import type { CappedLog } from './capped-log.ts';
import type { Limiter } from './limits/limiter.ts';
import { reportLimits } from './limits/report-limits.ts';
import type { Sandbox, Sandboxed, SandboxOptions, SandboxReceipt } from './sandbox.ts';
import { startWatch } from './watch.ts';

/** A started program, as a variant knows it. */
export interface Started
  extends Pick<Sandboxed, 'pid' | 'members' | 'exited' | 'hasExited' | 'inNetwork'> {
  /**
   * Terminates, waits, kills all that the variant knows of.
   * @returns also the processes that lived when it was called; null = not known
   */
  end(graceMs: number): Promise<StopReceipt & { alivePids: readonly number[] | null }>;
  readonly endedBy: SandboxReceipt['endedBy'];
  /** Folders on this machine's disk that it may write beside its workspace. */
  readonly scratch: readonly string[];
  /** After the end: takes away what was made for it. */
  cleanUp(): Promise<void>;
}

/** What all sandboxes have in common: limits that are watched, the time limit, one receipt. */
export async function supervise(
  ctx: EngineContext,
  { id, isolates }: Pick<Sandbox, 'id' | 'isolates'>,
  options: SandboxOptions,
  { limiter, log, started }: { limiter: Limiter; log: CappedLog; started: Started },
): Promise<Sandboxed> {
  const { limits, timeLimitMs, timeLimitGraceMs } = options;
  let timedOut = false;
  let receipt: Promise<SandboxReceipt> | null = null;
  const stop = ({ graceMs = 5_000 } = {}) => {
    receipt ??= finish(graceMs);
    return receipt;
  };
  const watch = await startWatch(ctx.clock, {
    limits,
    watchMemory: limiter.holders.get('memoryBytes') === 'watched',
    workspace: options.workspace.from,
    scratch: started.scratch,
    members: started.members,
    // The watch waits for the look under way, so the stop must not wait for it in turn.
    onOver: () => void stop({ graceMs: 0 }),
  });
  const timer = new AbortController();
  if (timeLimitMs !== null) {
    sleepMs(ctx.clock, timeLimitMs, timer.signal).then(
      () => {
        timedOut = !started.hasExited();
        return stop(timeLimitGraceMs === undefined ? {} : { graceMs: timeLimitGraceMs });
      },
      () => {},
    );
  }

  async function finish(graceMs: number): Promise<SandboxReceipt> {
    const startUs = ctx.clock.nowUs();
    timer.abort();
    const { alivePids, ...ended } = await started.end(graceMs);
    // What is left in its groups, wherever it moved to.
    const left = (await limiter.pids()).map(identifyProcess).filter(isProcessAlive);
    const stuck = await killAll(ctx.clock, left);
    await watch.stop();
    const memoryPeakBytes = (await limiter.memoryPeakBytes()) ?? watch.memoryPeakBytes();
    const reports = await reportLimits(limits, limiter, watch);
    await limiter.remove(ctx.clock);
    await started.cleanUp();
    log.close();
    const swept = new Set([...ended.sweptPids, ...left.map(({ pid }) => pid)]);
    const survivors = new Set([...ended.survivors, ...stuck.map(({ pid }) => pid)]);
    return {
      ...ended,
      sweptPids: [...swept],
      survivors: [...survivors],
      tookMs: (ctx.clock.nowUs() - startUs) / 1000,
      sandbox: id,
      isolated: isolates,
      timedOut,
      aliveAtStop:
        alivePids === null ? null : new Set([...alivePids, ...left.map(({ pid }) => pid)]).size,
      endedBy: started.endedBy,
      limits: reports,
      memoryPeakBytes,
    };
  }
  const { pid, members, exited, hasExited, inNetwork } = started;
  return { sandbox: id, isolated: isolates, pid, members, exited, hasExited, inNetwork, stop };
}
