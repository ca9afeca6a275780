import { onTestFinished } from 'vitest';
import { type ClientTarget, defaultTarget } from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import { createNodeHost } from '../host/index.ts';
import type { ConformanceRow } from '../model/index.ts';
import { type SimSpecInput, startSimServer } from '../sim/index.ts';
import { type EngineSource, findEngineSource, readEngine } from '../telemetry/index.ts';
import { createCalmClock } from './calm-clock.fixture.ts';
import { createProbeContexts } from './context.ts';
import { closesConnections } from './first-request.ts';
import type { Probe, ProbeSizes } from './probe.ts';
import { type ProbedRows, runProbes } from './run-probes.ts';

/** Small: the servers of these tests generate a token in a few milliseconds. */
export const smallSizes: ProbeSizes = {
  ...{ tokens: 12, stopTokens: 24, longS: 0.6, longTokens: 150 },
  ...{ prefillS: 0.02, pairs: 2, parallel: 8 },
};

/** A server that does what it is asked, in each row. */
export const conformingServer = {
  ...{ text: 'sampled', slots: 4, contextTokens: 2048, seed: 3 },
  prefill: { baseMs: 10, perTokenMs: 0.02 },
  decode: { kind: 'constant', itlMs: 4 },
  stopEarly: { probability: 0.999 },
  quirks: { tellsCachedTokens: true },
} as const satisfies SimSpecInput;

export interface AskOptions {
  target?: Partial<ClientTarget>;
  slots?: number | null;
  contextTokens?: number | null;
  requestTimeoutMs?: number;
  probeLimitMs?: number;
  signal?: AbortSignal;
  /** The server's, where it has one; absent: real time. */
  clock?: Clock;
}

/** Asks whatever serves at this base URL. */
export async function askServer(
  probes: readonly Probe[],
  endpoint: string,
  options: AskOptions = {},
): Promise<ProbedRows> {
  const clock = options.clock ?? createNodeHost().clock;
  const signal = options.signal ?? new AbortController().signal;
  const target: ClientTarget = {
    ...{ ...defaultTarget, url: endpoint, model: 'sim-model', api: 'chat' as const },
    timeouts: { ...defaultTarget.timeouts, totalMs: options.requestTimeoutMs ?? 60_000 },
    ...options.target,
  };
  let source: Promise<EngineSource | string> | null = null;
  const page = {
    url: '/metrics',
    get: async () => {
      const reply = await fetch(new URL('/metrics', endpoint), {
        signal: AbortSignal.timeout(options.requestTimeoutMs ?? 60_000),
      });
      if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
      return reply.text();
    },
  };
  const contexts = createProbeContexts(
    {
      ...{ target, tokenizer: null },
      slots: options.slots === undefined ? 4 : options.slots,
      contextTokens: options.contextTokens === undefined ? 2048 : options.contextTokens,
      async readEngine() {
        source ??= findEngineSource([[page]]);
        const found = await source;
        return typeof found === 'string' ? null : readEngine(found).catch(() => null);
      },
      closesConnections: () => closesConnections(target, { clock, signal }),
    },
    {
      ...{ clock, sizes: smallSizes, salt: 1 },
      requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    },
  );
  try {
    return await runProbes(probes, contexts, {
      ...{ clock, signal, probeLimitMs: options.probeLimitMs ?? 55_000, wholeLimitMs: 600_000 },
    });
  } finally {
    await contexts.close();
  }
}

/** A simulated server, and the clock by which it lives: to be asked by the same. */
export async function startCalmSim(
  spec: SimSpecInput,
): Promise<{ endpoint: string; clock: Clock }> {
  const clock = createCalmClock();
  const server = await startSimServer(spec, { spinMs: 0, clock });
  onTestFinished(async () => {
    await server.stop();
    clock.stop();
  });
  return { endpoint: server.endpoint, clock };
}

/** The rows of a simulated server. */
export async function askSim(
  probes: readonly Probe[],
  spec: SimSpecInput,
  options: AskOptions = {},
): Promise<ConformanceRow[]> {
  const { endpoint, clock } = await startCalmSim(spec);
  return (await askServer(probes, endpoint, { ...options, clock })).rows;
}
