import type { Envelope, LevelMetrics, LevelPlan, LoadSpec, RequestRecord } from '../model/index.ts';
import { toPlainRecord } from '../records/index.ts';

/** Samples for this module's tests; every optional or nullable part occurs at least once. */
export const sampleLoad: LoadSpec = {
  kind: 'open',
  rateRps: 2,
  concurrencyAsked: null,
  maxConcurrency: null,
  arrival: 'poisson',
};

const metrics: LevelMetrics = {
  values: { ttft_p50_ms: 12.5, ttft_p99_ms: null, e2e_adj_p99_ms: 'inf' },
  intervals: {
    ttft_p50_ms: { low: 11, high: 14, method: 'block-bootstrap' },
    ttft_p99_ms: { low: null, high: null, reason: 'too-short', neededS: 90 },
  },
  flags: { ttft_p50_ms: 'low-n' },
  chunkSizes: { '1': 20 },
  outcomes: { ok: 2 },
};

export function createSampleEnvelope(change: Partial<Envelope> = {}): Envelope {
  return {
    schema: 'inferencebench.envelope.v1',
    runId: 'RUN',
    status: 'partial',
    exitCode: 0,
    quickLook: false,
    tool: {
      name: 'inferencebench',
      version: '0.1.0',
      node: 'v20.20.2',
      gitCommit: null,
      gitDirty: null,
    },
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:05:05.000Z',
    command: { argv: ['run', 'llm.inference'], resolved: { rate: [2] } },
    seed: 1,
    model: {
      asked: 'smollm2-135m',
      served: 'smollm2',
      quantAsked: null,
      quant: 'Q4_1',
      file: { path: '/m.gguf', bytes: 1, sha256: null },
    },
    engine: {
      id: 'llama.cpp',
      version: null,
      started: true,
      commandLine: ['llama-server'],
      settings: { n_ctx: 2048 },
      log: 'engine.log',
    },
    target: {
      url: 'http://127.0.0.1:1/v1',
      api: 'chat',
      headers: { authorization: '<redacted>' },
      extraBody: {},
      droppedFields: ['ignore_eos'],
      slots: 4,
      maxModelTokens: null,
    },
    hardware: { asked: null, detected: '2 x CPU' },
    workload: {
      dataset: 'random',
      inputTokens: '32',
      outputTokens: '16',
      temperature: 0,
      ignoreEos: true,
      prefixCache: 'unknown',
    },
    slo: { id: 'llm.standard', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 },
    client: {
      transport: 'undici',
      verdict: 'ok',
      reason: 'client error at p99: TTFT 0.5 ms, ITL 0.2 ms',
      errorMs: { ttft: 0.5, ttftService: 0.2, itl: 0.2, e2e: 0.5 },
      selftest: null,
      tokenizer: null,
      eventLoopDelayP99Ms: 1,
      eventLoopDelayMaxMs: 2,
      gcMaxPauseMs: null,
      dispatchLagP99Ms: 0.5,
      cpuShare: 0.1,
      sharesHost: true,
    },
    environment: {
      os: 'linux',
      kernel: '6',
      arch: 'x64',
      cpuModel: 'CPU',
      cpuCount: 2,
      memoryBytes: 1,
      gpus: [{ name: 'GPU', memoryBytes: null, driver: null }],
      hostnameHash: 'abc',
      container: null,
      loadAverage1: 0.5,
      versions: { node: '20' },
    },
    coldStart: { readyMs: 900, firstRequestMs: null },
    levels: [
      {
        index: 0,
        load: { ...sampleLoad, concurrencyReached: 1.5 },
        status: 'complete',
        valid: true,
        sloMet: null,
        startUs: 1000,
        windowStartUs: 1000,
        windowEndUs: 5_000_000,
        endUs: 6_000_000,
        planHash: 'hash',
        requestsPlanned: 2,
        metrics,
        client: null,
        findings: [{ code: 'client-shares-host', severity: 'warning', message: 'm', level: 0 }],
      },
    ],
    headline: 0,
    metrics,
    findings: [{ code: 'quick', severity: 'info', message: 'm' }],
    error: null,
    files: {},
    ...change,
  };
}

export function createSampleRecord(
  level: number,
  index: number,
  change: Partial<RequestRecord> = {},
): RequestRecord {
  const startUs = 1_000_000 * (index + 1) + 17 * level;
  const rows = 5 + (index % 7);
  return {
    level,
    index,
    requestId: `RUN-${level}-${index}`,
    counted: true,
    intendedUs: startUs,
    sentUs: startUs + 120,
    connectUs: 0,
    headersUs: startUs + 9000,
    firstByteUs: startUs + 9100,
    firstChunkUs: startUs + 9200,
    firstTokenUs: startUs + 10_000,
    lastTokenUs: startUs + 10_000 + 20_011 * (rows - 1),
    endUs: startUs + 500_000,
    outcome: 'ok',
    status: 200,
    error: null,
    finishReason: 'length',
    done: true,
    inputTokensAsked: 32,
    outputTokensAsked: 16,
    inputTokensUsage: 41,
    outputTokensUsage: rows,
    cachedTokensUsage: null,
    outputTokensCounted: null,
    tokenSource: 'one-per-chunk',
    chunks: {
      atUs: Array.from({ length: rows }, (_, i) => startUs + 10_000 + 20_011 * i),
      tokens: Array.from({ length: rows }, () => 1),
      read: Array.from({ length: rows }, (_, i) => i),
      kind: Array.from({ length: rows }, () => 0),
    },
    ...change,
  };
}

/** A plan whose request i is intended (i + 1) s after a level start that makes records fit. */
export function createSamplePlan(countedRequests: number): LevelPlan {
  return {
    load: sampleLoad,
    seed: 1,
    countedRequests,
    durationUs: null,
    at: (index) => ({
      index,
      intendedUs: 1_000_000 * (index + 1) - 400,
      inputTokens: 32,
      outputTokens: 16,
      prompt: { dataset: 'random', seed: index, row: null },
    }),
    promptText: () => 'text',
    hash: 'plan hash',
  };
}

/** Records with their columns as plain arrays: how they compare, whatever arrays hold them. */
export function toPlainRecords(records: readonly RequestRecord[]): unknown[] {
  return records.map(toPlainRecord).map(({ chunks, ...record }) => ({
    ...record,
    atUs: Array.from(chunks.atUs),
    tokens: Array.from(chunks.tokens),
    read: Array.from(chunks.read),
    kind: Array.from(chunks.kind),
  }));
}
