import { sleepMs } from '../core/index.ts';
import { createLiveStats } from '../driver/index.ts';
import { isSloMet, summarizeLevel } from '../metrics/index.ts';
import type {
  Finding,
  LevelMetrics,
  LevelPlan,
  LevelProgress,
  LevelRun,
  LevelSummary,
  LoadFigures,
  LoadSpec,
} from '../model/index.ts';
import { judgeClient } from './client-verdict.ts';
import type { ProtocolContext, SummaryContext, TokenCheck } from './context.ts';
import { judgeLevel } from './judge-level.ts';
import { runLoad } from './run-load.ts';

/** Runs, judges and hands on one counted level. */
export async function measureLevel(
  context: ProtocolContext,
  plan: LevelPlan,
  index: number,
  levels: number,
  givenFindings: readonly Finding[] = [],
): Promise<{ run: LevelRun; summary: LevelSummary }> {
  const { clock, emit } = context;
  emit({
    kind: 'level-start',
    index,
    levels,
    load: plan.load,
    requests: plan.countedRequests,
  });
  await context.prepare?.(expectedInFlight(plan.load));
  const live = createLiveStats(plan, index, clock);
  const watching = new AbortController();
  const watch = emitProgress(context, live.snapshot, watching.signal);
  const run = await runLoad(context, {
    plan,
    level: index,
    name: String(index),
    tail: true,
    stopRule: 'level-failed',
    onSend: live.onSend,
    onRecord: (record, inFlight) => {
      live.onRecord(record, inFlight);
      context.onRecord(record);
    },
  });
  watching.abort();
  await watch;
  emit({ kind: 'progress', progress: live.snapshot() });

  const tokenCheck = await context.resolveTokens(run.records);
  for (const record of tokenCheck.changed) context.onRecord(record);
  const summary = summarizeRun(context, run, tokenCheck, givenFindings);
  await context.onLevel(run, summary);
  emit({ kind: 'level-end', summary });
  return { run, summary };
}

/** A second of arrivals where nothing better is known; more connections open when needed. */
function expectedInFlight({ kind, maxConcurrency, concurrencyAsked, rateRps }: LoadSpec): number {
  if (kind === 'closed') return maxConcurrency ?? 1;
  const open = Math.ceil((concurrencyAsked ?? Math.min(rateRps ?? 1, 256)) * 1.5);
  return Math.min(maxConcurrency ?? open, open);
}

/** Everything said about a level, from its raw records alone. */
export function summarizeRun(
  context: SummaryContext,
  run: LevelRun,
  tokenCheck: TokenCheck | null,
  givenFindings: readonly Finding[] = [],
): LevelSummary {
  const { slo, seed, lengthEnforced } = context;
  const full = summarizeLevel(run, { slo, seed, lengthEnforced });
  const metrics = context.quickLook ? withoutTails(full) : full;
  const client = run.client === undefined ? null : watchedClient(run, full, run.client);
  const findings = [
    ...run.findings,
    ...givenFindings,
    ...judgeLevel(run, metrics, {
      maxErrorShare: context.maxErrorShare,
      tokenCheck,
      client,
      // A quick look is for orientation; its verdict is shown, and forbids nothing.
      allowClientBottleneck: context.allowClientBottleneck || context.quickLook,
    }),
  ].map((finding) => ({ ...finding, level: run.index }));
  const ok = metrics.values['requests_ok'] ?? 0;
  const reached = metrics.values['concurrency_reached'];
  return {
    index: run.index,
    load: { ...run.load, concurrencyReached: typeof reached === 'number' ? reached : null },
    status: run.status,
    valid: ok !== 0 && !findings.some((finding) => finding.severity === 'invalid'),
    sloMet: isSloMet(run, context.slo),
    startUs: run.startUs,
    windowStartUs: run.windowStartUs,
    windowEndUs: run.windowEndUs,
    endUs: run.endUs,
    planHash: run.planHash,
    requestsPlanned: run.requestsPlanned,
    metrics,
    findings,
    client,
  };
}

function watchedClient(run: LevelRun, metrics: LevelMetrics, figures: LoadFigures) {
  const { kind, maxConcurrency } = run.load;
  const verdict = judgeClient({
    figures,
    values: metrics.values,
    planned: run.requestsPlanned,
    inFlightPlanned: kind === 'closed' ? maxConcurrency : null,
    severalTokensPerChunk: Object.keys(metrics.chunkSizes).some((size) => Number(size) > 1),
    cutShort: run.status !== 'complete',
  });
  return { ...verdict, figures };
}

const tailKey = /_p9[59](_9)?_|_tail_ratio$/;

/** A quick look has too few requests for its tails to mean anything: null, not `low-n`. */
function withoutTails(metrics: LevelMetrics): LevelMetrics {
  const keep = ([key]: [string, unknown]) => !tailKey.test(key);
  return {
    ...metrics,
    values: Object.fromEntries(
      Object.entries(metrics.values).map(([key, value]) => [key, tailKey.test(key) ? null : value]),
    ),
    intervals: Object.fromEntries(Object.entries(metrics.intervals).filter(keep)),
    flags: Object.fromEntries(Object.entries(metrics.flags).filter(keep)),
  };
}

async function emitProgress(
  { clock, emit }: Pick<ProtocolContext, 'clock' | 'emit'>,
  snapshot: () => LevelProgress,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await sleepMs(clock, 250, signal);
    } catch {
      return;
    }
    emit({ kind: 'progress', progress: snapshot() });
  }
}
