import type { LevelPlan, LevelRun } from '../model/index.ts';
import type { ProtocolContext } from './context.ts';
import { runLoad } from './run-load.ts';

/** What one short uncounted piece of load showed. */
export interface LoadProbe {
  /** Completions per second while the probe's load was on; null when nothing completed. */
  completedRps: number | null;
  /** Mean time from actual send to end, seconds. */
  meanServiceS: number | null;
  ok: number;
  failed: number;
  /** First failure, for messages. */
  error: string | null;
}

/** Runs a plan without counting it: warm-up, capacity burst, concurrency probe. */
export async function probeLoad(
  context: ProtocolContext,
  plan: LevelPlan,
  name: string,
): Promise<LoadProbe> {
  await context.patience?.wait(context.emit, context.signal);
  context.signal.throwIfAborted();
  const run = await runLoad(context, {
    plan,
    level: -1,
    name,
    tail: false,
    stopRule: 'probe-failed',
  });
  context.signal.throwIfAborted();
  return summarizeProbe(run);
}

export function summarizeProbe(run: LevelRun): LoadProbe {
  const ok = run.records.filter((r) => r.outcome === 'ok' && r.sentUs !== null);
  const failed = run.records.filter((r) => r.outcome !== 'ok');
  const firstSentUs = Math.min(...ok.map((r) => r.sentUs ?? 0));
  const lastEndUs = Math.max(...ok.map((r) => r.endUs));
  const spanS = (lastEndUs - firstSentUs) / 1e6;
  const serviceS = ok.map((r) => (r.endUs - (r.sentUs ?? r.endUs)) / 1e6);
  return {
    completedRps: ok.length > 0 && spanS > 0 ? ok.length / spanS : null,
    meanServiceS: ok.length > 0 ? serviceS.reduce((sum, s) => sum + s, 0) / ok.length : null,
    ok: ok.length,
    failed: failed.length,
    error: failed[0]
      ? `${failed[0].outcome}${failed[0].error ? `: ${failed[0].error}` : ''}`
      : null,
  };
}
