import { defaultTarget } from '../../client/index.ts';
import type { Clock } from '../../core/index.ts';
import { createLoadRunner, type TransportChoice } from '../../loadgen/index.ts';
import type { EmitRunEvent, LevelPlan, SelftestLevel } from '../../model/index.ts';
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

/** What "kept up" means; the bound of docs/how-exact.md. */
const limits = { e2eMeanMs: 10, itlP99Ms: 5, inFlightShare: 0.97 };
const prefillMs = 50;

/** Runs each load against the known-truth server in a process of its own. */
export async function measureSelftest(
  loads: readonly SelftestLoad[],
  deps: SelftestDeps,
): Promise<{ levels: SelftestLevel[]; transport: string }> {
  const dataset = await datasets.get('random').load({ counter: null, path: null });
  const levels: SelftestLevel[] = [];
  let transport = '';
  for (const [index, load] of loads.entries()) {
    deps.signal.throwIfAborted();
    const itlMs = 1000 / load.streamTokensPerS;
    // An open loop tests the sends: long answers would only load the server that it shares a host with.
    const outputTokens =
      load.streams === null ? 8 : Math.max(8, Math.round(load.streamTokensPerS * 0.8));
    const server = await spawnSimServer({
      slots: null,
      prefill: { baseMs: prefillMs, perTokenMs: 0 },
      decode: { kind: 'constant', itlMs },
    });
    const runner = await createLoadRunner({
      target: { ...defaultTarget, url: server.endpoint, model: 'sim-model' },
      clock: deps.clock,
      transport: deps.transport,
    });
    transport = runner.transport;
    try {
      const requestS = (prefillMs + outputTokens * itlMs) / 1000;
      const common = {
        load: {
          kind: 'closed',
          rateRps: null,
          concurrencyAsked: null,
          maxConcurrency: null,
          arrival: null,
        } as const,
        durationS: null,
        inputTokens: { mean: 32, std: 0 },
        outputTokens: { mean: outputTokens, std: 0 },
        dataset,
        seed: 42,
        salt: `selftest ${index}`,
      };
      const plan: LevelPlan =
        load.streams === null
          ? planOpenLevel({
              ...common,
              load: { ...common.load, kind: 'open' },
              arrival: { kind: 'poisson' },
              rateRps: load.rateRps ?? 1,
              requests: Math.ceil((load.rateRps ?? 1) * load.seconds),
            })
          : planClosedLevel({
              ...common,
              maxConcurrency: load.streams,
              requests: load.streams * Math.max(2, Math.round(load.seconds / requestS)),
            });
      const inFlight = load.streams ?? Math.ceil((load.rateRps ?? 1) * requestS * 1.5);
      // The first wave is warm-up: connections, and code that the engine has not compiled yet.
      await runner.prepare(inFlight);
      await runner.runLevel({
        plan: warmPlan(plan, Math.min(inFlight * 2, 400)),
        level: -1,
        originUs: deps.clock.nowUs(),
        idPrefix: `warm-${index}`,
        signal: deps.signal,
        tail: false,
      });
      const run = await runner.runLevel({
        plan,
        level: index,
        originUs: deps.clock.nowUs(),
        idPrefix: `selftest-${index}`,
        signal: deps.signal,
        tail: true,
      });
      const errors = compareWithTruth(run.records, await server.truth());
      const level = describeLevel(
        load,
        errors,
        run.records.filter((r) => r.counted).length,
        outputTokens,
        requestS,
      );
      levels.push(level);
      deps.emit({
        kind: 'log',
        message: `${level.load}: ${level.keptUp ? 'kept up' : 'did not keep up'}`,
      });
    } finally {
      await runner.close();
      await server.stop();
    }
  }
  return { levels, transport };
}

function describeLevel(
  load: SelftestLoad,
  errors: ReturnType<typeof compareWithTruth>,
  requests: number,
  outputTokens: number,
  requestS: number,
): SelftestLevel {
  const asked = load.streams;
  const reached = errors.inFlightReached;
  const within = (value: number | null, limit: number) => value !== null && value <= limit;
  return {
    load:
      load.streams === null
        ? `open ${load.rateRps} req/s`
        : `closed ${load.streams} x ${load.streamTokensPerS} tok/s`,
    tokensPerS: Math.round(
      load.streams === null
        ? (load.rateRps ?? 0) * outputTokens
        : (load.streams * outputTokens) / requestS,
    ),
    requests,
    ttft: errors.ttft,
    itl: errors.itl,
    e2e: errors.e2e,
    send: load.streams === null ? errors.send : { meanMs: null, p99Ms: null },
    inFlightAsked: asked,
    inFlightReached: reached,
    keptUp:
      errors.joined >= 0.99 * requests &&
      within(errors.e2e.meanMs, limits.e2eMeanMs) &&
      within(errors.itl.p99Ms, limits.itlP99Ms) &&
      (asked === null || reached >= limits.inFlightShare * asked),
  };
}

function warmPlan(plan: LevelPlan, requests: number): LevelPlan {
  return { ...plan, countedRequests: Math.min(requests, plan.countedRequests) };
}
