import { sleepMs } from '../core/index.ts';
import { createLiveStats } from '../driver/index.ts';
import { summarizeLevel } from '../metrics/index.ts';
import {
  type Finding,
  isOwnShortage,
  type KeepingUp,
  type LevelMetrics,
  type LevelPlan,
  type LevelProgress,
  type LevelRole,
  type LevelRun,
  type LevelSummary,
  type LoadFigures,
  type LoadSpec,
  type RequestRecord,
} from '../model/index.ts';
import { judgeClient, sendsFellBehind } from './client-verdict.ts';
import { type ProtocolContext, type SummaryContext, slosOf, type TokenCheck } from './context.ts';
import { judgeLevel } from './judge-level.ts';
import { judgeMethod } from './judge-method.ts';
import { isDecided, judgeSlos, meetsEverySlo } from './judge-slos.ts';
import { keepingUpOf } from './keeping-up.ts';
import { runLoad } from './run-load.ts';
import { runWindow, type WindowOptions } from './run-window.ts';
import { steadyWindowOf } from './steady-window.ts';

/** What a level is for, and how its window is found; all absent: the whole plan is counted. */
export interface MeasureOptions {
  role?: LevelRole;
  launch?: number;
  /** Open loop: an uncounted lead-in of at most so many seconds until the level has settled. */
  leadInLimitS?: number | null;
  /** A lead-in that did not settle makes the level invalid rather than doubtful. */
  requireSteady?: boolean;
  /** Open loop with a duration: an undecided level goes on up to so many seconds. */
  maxDurationS?: number | null;
  /** Open loop: ends once its queue is seen to grow. */
  stopOverload?: boolean;
}

/** Runs, judges and hands on one counted level. */
export async function measureLevel(
  context: ProtocolContext,
  plan: LevelPlan,
  index: number,
  levels: number,
  givenFindings: readonly Finding[] = [],
  options: MeasureOptions = {},
): Promise<{ run: LevelRun; summary: LevelSummary }> {
  const { clock, emit } = context;
  emit({
    kind: 'level-start',
    index,
    levels,
    load: plan.load,
    // A closed loop that time limits has a plan without an end.
    requests: Number.isSafeInteger(plan.countedRequests + 1) ? plan.countedRequests : null,
  });
  await context.prepare?.(expectedInFlight(plan.load));
  const live = createLiveStats(plan, index, clock);
  const watching = new AbortController();
  const watch = emitProgress(context, live.snapshot, watching.signal);
  const listeners = {
    onSend: live.onSend,
    onRecord: (record: RequestRecord, inFlight: number) => {
      live.onRecord(record, inFlight);
      context.onRecord(record);
    },
  };
  const { run, leadIn, findings } = needsWindow(plan, options)
    ? await runPaced(context, plan, index, options, listeners)
    : {
        run: await runLoad(context, {
          plan,
          level: index,
          name: String(index),
          tail: true,
          stopRule: 'level-failed',
          ...listeners,
        }),
        leadIn: null,
        findings: [],
      };
  watching.abort();
  await watch;
  emit({ kind: 'progress', progress: live.snapshot() });

  const tokenCheck = await context.resolveTokens(run.records);
  for (const record of tokenCheck.changed) context.onRecord(record);
  const summary: LevelSummary = {
    ...summarizeRun(context, run, tokenCheck, [...givenFindings, ...findings]),
    ...(options.role && { role: options.role }),
    ...(options.launch && { launch: options.launch }),
    ...(leadIn && { leadIn }),
  };
  await context.onLevel(run, summary);
  emit({ kind: 'level-end', summary });
  return { run, summary };
}

function needsWindow(plan: LevelPlan, options: MeasureOptions): boolean {
  if (plan.load.kind !== 'open') return false;
  return (
    typeof options.leadInLimitS === 'number' ||
    options.stopOverload === true ||
    (typeof options.maxDurationS === 'number' && plan.durationUs !== null)
  );
}

async function runPaced(
  context: ProtocolContext,
  plan: LevelPlan,
  index: number,
  options: MeasureOptions,
  listeners: Pick<WindowOptions, 'onSend' | 'onRecord'>,
) {
  const slos = slosOf(context);
  const maxS = options.maxDurationS ?? 0;
  const firstS = (plan.durationUs ?? 0) / 1e6;
  const { run, leadIn, overloadedInLeadIn } = await runWindow(context, {
    plan,
    index,
    name: String(index),
    leadInLimitS: options.leadInLimitS ?? null,
    stopOverload: options.stopOverload ?? false,
    extendS: (counted, lengthS) => {
      if (slos.length === 0 || isDecided(counted, slos)) return 0;
      // In steps of the first length, the last of which may be shorter.
      return Math.max(0, Math.min(firstS, maxS - lengthS));
    },
    ...listeners,
    onRecounted: (record) => context.onRecord(record),
  });
  const findings: Finding[] = [];
  if (leadIn !== null && !leadIn.passed && run.records.some((record) => record.counted)) {
    findings.push({
      code: 'level-not-settled',
      // An overloaded level cannot settle; that is its result, not a doubt about it.
      severity: options.requireSteady && !overloadedInLeadIn ? 'invalid' : 'warning',
      message: `measured although its lead-in had not settled: ${leadIn.reason}.`,
    });
  }
  return { run, leadIn, findings };
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
  const full = summarizeLevel(run, {
    slo,
    seed,
    lengthEnforced,
    ...(context.resamples !== undefined && { resamples: context.resamples }),
  });
  const slos = slosOf(context);
  const outcomes = judgeSlos(run, slos);
  const keepingUp = keepingUpUnder(run.client, keepingUpOf(run));
  const steady = steadyWindowOf(run);
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
    ...(context.quickLook ? [] : judgeMethod(run, keepingUp, steady)),
  ].map((finding) => ({ ...finding, level: run.index }));
  const ok = metrics.values['requests_ok'] ?? 0;
  const reached = metrics.values['concurrency_reached'];
  return {
    index: run.index,
    load: { ...run.load, concurrencyReached: typeof reached === 'number' ? reached : null },
    status: run.status,
    valid: ok !== 0 && !findings.some((finding) => finding.severity === 'invalid'),
    sloMet: meetsEverySlo(outcomes, slos),
    startUs: run.startUs,
    windowStartUs: run.windowStartUs,
    windowEndUs: run.windowEndUs,
    endUs: run.endUs,
    planHash: run.planHash,
    requestsPlanned: run.requestsPlanned,
    metrics,
    findings,
    client,
    ...(slos.length > 0 && { slos: outcomes }),
    ...(keepingUp && { keepingUp }),
    ...(steady && { steady }),
  };
}

/** A queue that the client's own late sends made is not the server's. */
function keepingUpUnder(
  client: LoadFigures | undefined,
  judged: KeepingUp | null,
): KeepingUp | null {
  if (judged?.verdict !== 'falls-behind' || client === undefined) return judged;
  if (!sendsFellBehind(client)) return judged;
  const reason = `${judged.reason}; the client sent late, so this tells nothing of the server`;
  return { ...judged, verdict: 'unknown', reason };
}

function watchedClient(run: LevelRun, metrics: LevelMetrics, figures: LoadFigures) {
  const { kind, maxConcurrency } = run.load;
  const verdict = judgeClient({
    figures,
    values: metrics.values,
    planned: run.requestsPlanned,
    inFlightPlanned: kind === 'closed' ? maxConcurrency : null,
    severalTokensPerChunk: Object.keys(metrics.chunkSizes).some((size) => Number(size) > 1),
    failedHere: failuresHere(run),
    cutShort: run.status !== 'complete',
  });
  return { ...verdict, figures };
}

function failuresHere(run: LevelRun): { count: number; error: string | null } {
  const here = run.records.filter(
    ({ counted, outcome, error }) => counted && outcome === 'refused' && isOwnShortage(error),
  );
  return { count: here.length, error: here[0]?.error ?? null };
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
