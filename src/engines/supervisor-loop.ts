import { stat } from 'node:fs/promises';
import { sleepMs } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import type { RunningEngine } from './engine.ts';

/**
 * Waits until the engine has ended, somebody asks for a stop, or nothing has been asked of the
 * engine for the idle timeout; says which.
 */
export async function watchEngine(
  ctx: EngineContext,
  running: Pick<RunningEngine, 'activity' | 'exited' | 'logPath'>,
  idleTimeoutMs: number | null,
  stopAsked: AbortSignal,
): Promise<'exited' | 'stop' | 'idle'> {
  let ended = false;
  const exited = running.exited.then(() => {
    ended = true;
  });
  const periodMs = idleTimeoutMs === null ? 60_000 : clamp(idleTimeoutMs / 10, 100, 15_000);
  let last = await activityOf(running);
  let lastActiveUs = ctx.clock.nowUs();
  for (;;) {
    await Promise.race([exited, sleepMs(ctx.clock, periodMs, stopAsked).catch(() => {})]);
    if (ended) return 'exited';
    if (stopAsked.aborted) return 'stop';
    const now = await activityOf(running);
    if (now === 'busy' || now !== last) lastActiveUs = ctx.clock.nowUs();
    last = now;
    const idleMs = (ctx.clock.nowUs() - lastActiveUs) / 1000;
    if (idleTimeoutMs !== null && idleMs >= idleTimeoutMs) return 'idle';
  }
}

/** An engine without counters still writes a line per request: its log grows. */
async function activityOf(running: Pick<RunningEngine, 'activity' | 'logPath'>): Promise<string> {
  const told = await running.activity().catch(() => null);
  return told ?? `log ${(await stat(running.logPath).catch(() => null))?.size ?? 0}`;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
