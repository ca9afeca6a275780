import { onTestFinished } from 'vitest';
import { type ClientTarget, defaultTarget } from '../client/index.ts';
import { createNodeHost } from '../host/index.ts';
import type { ConformanceRow } from '../model/index.ts';
import { type SimSpecInput, startSimServer } from '../sim/index.ts';
import { type EngineSource, findEngineSource, readEngine } from '../telemetry/index.ts';
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
}

/** Asks whatever serves at this base URL. */
export async function askServer(
  probes: readonly Probe[],
  endpoint: string,
  options: AskOptions = {},
): Promise<ProbedRows> {
  const { clock } = createNodeHost();
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

/** The rows of a simulated server. */
export async function askSim(
  probes: readonly Probe[],
  spec: SimSpecInput,
  options: AskOptions = {},
): Promise<ConformanceRow[]> {
  const server = await startSimServer(spec, { spinMs: 0 });
  onTestFinished(() => server.stop());
  return (await askServer(probes, server.endpoint, options)).rows;
}
