import { defaultTarget } from '../../client/index.ts';
import { BenchError, type Clock } from '../../core/index.ts';
import { createLoadRunner, type TransportChoice } from '../../loadgen/index.ts';
import type { EmitRunEvent, LevelPlan, RequestRecord, SelftestLevel } from '../../model/index.ts';
import { spawnSimServer } from '../../sim/index.ts';
import { datasets, planClosedLevel, planOpenLevel } from '../../workload/index.ts';
import { compareWithTruth } from './compare-with-truth.ts';

export interface SelftestLoad {
  /** Closed loop with so many streams, or an open loop at a rate. */
  streams: number | null;
  rateRps: number | null;
  /** Tokens per second of one stream. */
  streamTokensPerS: number;
  seconds: number;
}

export interface SelftestDeps {
  clock: Clock;
  emit: EmitRunEvent;
  signal: AbortSignal;
  transport: TransportChoice;
}

/** What "kept up" means; the bound of docs/concepts/how-exact.md. */
const limits = { e2eMeanMs: 10, itlP99Ms: 5, inFlightShare: 0.97, joinedShare: 0.99 };

/** The same, for people. */
export const keptUpRule = `E2E error <= ${limits.e2eMeanMs} ms mean, ITL error <= ${limits.itlP99Ms} ms p99, >= ${limits.inFlightShare * 100} % of the streams in flight, >= ${limits.joinedShare * 100} % of the requests complete`;
const prefillMs = 50;

export interface MeasuredSelftest {
  levels: SelftestLevel[];
  /** Loads that the time was up for, before or while they ran. */
  notRun: string[];
  transport: string;
}

/**
 * Runs each load against the known-truth server in a process of its own, for `budgetMs` in all.
 * An abort ends it at once; what was under way closes itself behind it.
 *
 * @throws the signal's reason when it is aborted
 */
export async function measureSelftest(
  loads: readonly SelftestLoad[],
  budgetMs: number,
  deps: SelftestDeps,
): Promise<MeasuredSelftest> {
  const budget = new AbortController();
  const timer = setTimeout(() => budget.abort(new Error('time is up')), budgetMs);
  const signal = AbortSignal.any([deps.signal, budget.signal]);
  const levels: SelftestLevel[] = [];
  const notRun: string[] = [];
  let transport = 'none';
  try {
    for (const [index, load] of loads.entries()) {
      deps.signal.throwIfAborted();
      if (budget.signal.aborted) {
        notRun.push(nameOf(load));
        continue;
      }
      try {
        const measured = await untilAborted(measureLevel(load, index, { ...deps, signal }), signal);
        levels.push(measured.level);
        transport = measured.transport;
      } catch (error) {
        deps.signal.throwIfAborted();
        if (!budget.signal.aborted) throw error;
        notRun.push(nameOf(load));
      }
    }
    return { levels, notRun, transport };
  } finally {
    clearTimeout(timer);
  }
}

/** The promise, or the signal's reason as soon as it is aborted. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // What fails after the abort is nobody's concern any more.
  work.catch(() => {});
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function measureLevel(
  load: SelftestLoad,
  index: number,
  deps: SelftestDeps,
): Promise<{ level: SelftestLevel; transport: string }> {
  const { signal } = deps;
  const { requestS, outputTokens, itlMs, requests } = sizeOf(load);
  const dataset = await datasets.get('random').load({ counter: null, path: null });
  const server = await spawnSimServer({
    slots: null,
    prefill: { baseMs: prefillMs, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs },
  });
  try {
    signal.throwIfAborted();
    const runner = await createLoadRunner({
      target: { ...defaultTarget, url: server.endpoint, model: 'sim-model' },
      clock: deps.clock,
      transport: deps.transport,
    });
    try {
      signal.throwIfAborted();
      const common = {
        load: {
          kind: 'closed',
          rateRps: null,
          concurrencyAsked: null,
          maxConcurrency: null,
          arrival: null,
        } as const,
        durationS: null,
        inputTokens: { shape: 'normal' as const, mean: 32, std: 0 },
        outputTokens: { shape: 'normal' as const, mean: outputTokens, std: 0 },
        dataset,
        seed: 42,
        salt: `selftest ${index}`,
        requests,
      };
      const plan: LevelPlan =
        load.streams === null
          ? planOpenLevel({
              ...common,
              load: { ...common.load, kind: 'open' },
              arrival: { kind: 'poisson' },
              rateRps: load.rateRps ?? 1,
            })
          : planClosedLevel({ ...common, maxConcurrency: load.streams });
      const inFlight = load.streams ?? Math.ceil((load.rateRps ?? 1) * requestS * 1.5);
      // The first wave is warm-up: connections, and code that the engine has not compiled yet.
      await runner.prepare(inFlight);
      await runner.runLevel({
        plan: warmPlan(plan, Math.min(inFlight * 2, 400)),
        level: -1,
        originUs: deps.clock.nowUs(),
        idPrefix: `warm-${index}`,
        signal,
        tail: false,
      });
      const run = await runner.runLevel({
        plan,
        level: index,
        originUs: deps.clock.nowUs(),
        idPrefix: `selftest-${index}`,
        signal,
        tail: true,
      });
      // A level that was cut short says nothing of the client.
      signal.throwIfAborted();
      const errors = compareWithTruth(run.records, await server.truth());
      const counted = run.records.filter((record) => record.counted).length;
      const level = describeLevel(load, errors, counted, receivedTokensPerS(run.records));
      deps.emit({
        kind: 'log',
        message: `${level.load}: ${level.keptUp ? 'kept up' : 'did not keep up'}`,
      });
      return { level, transport: runner.transport };
    } finally {
      await runner.close();
    }
  } finally {
    await server.stop();
  }
}

/** What one level of a load consists of. */
function sizeOf(load: SelftestLoad) {
  const itlMs = 1000 / load.streamTokensPerS;
  // An open loop tests the sends: long answers would only load the server that it shares a host with.
  const outputTokens =
    load.streams === null ? 8 : Math.max(8, Math.round(load.streamTokensPerS * 0.8));
  const requestS = (prefillMs + outputTokens * itlMs) / 1000;
  const requests =
    load.streams === null
      ? Math.ceil((load.rateRps ?? 1) * load.seconds)
      : load.streams * Math.max(2, Math.round(load.seconds / requestS));
  return { itlMs, outputTokens, requestS, requests };
}

/** Most requests of one level: their records, and the server's, are held in memory. */
const mostRequests = 100_000;

/** @throws BenchError `USAGE_TOO_LARGE` for a load that one machine cannot hold both ends of. */
export function checkSelftestLoad(load: SelftestLoad): void {
  const { requests } = sizeOf(load);
  if (requests <= mostRequests) return;
  const flag = load.streams === null ? `--rate ${load.rateRps}` : `--streams ${load.streams}`;
  throw new BenchError(
    'USAGE_TOO_LARGE',
    `${flag} with --seconds ${load.seconds} is ${requests} requests in a level; at most ${mostRequests} are possible.`,
    { hint: 'Give fewer --seconds, or less load; see `bench selftest --help`.' },
  );
}

/** Tokens that arrived, over the time from the first counted send to the last counted end. */
export function receivedTokensPerS(records: readonly RequestRecord[]): number {
  const counted = records.filter((record) => record.counted && record.sentUs !== null);
  let fromUs = Number.POSITIVE_INFINITY;
  let toUs = Number.NEGATIVE_INFINITY;
  for (const { sentUs, endUs } of counted) {
    fromUs = Math.min(fromUs, sentUs ?? fromUs);
    toUs = Math.max(toUs, endUs);
  }
  let tokens = 0;
  for (const { chunks } of records) {
    for (let i = 0; i < chunks.atUs.length; i++) {
      const atUs = chunks.atUs[i] ?? 0;
      if (atUs >= fromUs && atUs <= toUs) tokens += 1;
    }
  }
  return toUs > fromUs ? (tokens / (toUs - fromUs)) * 1e6 : 0;
}

const nameOf = (load: SelftestLoad) =>
  load.streams === null
    ? `open ${load.rateRps} req/s`
    : `closed ${load.streams} x ${load.streamTokensPerS} tok/s`;

function describeLevel(
  load: SelftestLoad,
  errors: ReturnType<typeof compareWithTruth>,
  requests: number,
  tokensPerS: number,
): SelftestLevel {
  const asked = load.streams;
  const reached = errors.inFlightReached;
  const within = (value: number | null, limit: number) => value !== null && value <= limit;
  return {
    load: nameOf(load),
    tokensPerS: Math.round(tokensPerS),
    requests,
    ttft: errors.ttft,
    itl: errors.itl,
    e2e: errors.e2e,
    send: load.streams === null ? errors.send : { meanMs: null, p99Ms: null },
    inFlightAsked: asked,
    inFlightReached: reached,
    keptUp:
      errors.joined >= limits.joinedShare * requests &&
      within(errors.e2e.meanMs, limits.e2eMeanMs) &&
      within(errors.itl.p99Ms, limits.itlP99Ms) &&
      (asked === null || reached >= limits.inFlightShare * asked),
  };
}

function warmPlan(plan: LevelPlan, requests: number): LevelPlan {
  return { ...plan, countedRequests: Math.min(requests, plan.countedRequests) };
}
