import { createRng } from '../core/index.ts';
import type {
  Envelope,
  LevelMetrics,
  LevelRun,
  LevelSummary,
  LoadSpec,
  Outcome,
  RequestRecord,
} from '../model/index.ts';

/** An open Poisson level's load, as the summary holds it. */
export function makeLoad(over: Partial<LevelSummary['load']> = {}): LevelSummary['load'] {
  return {
    kind: 'open',
    rateRps: 1,
    concurrencyAsked: null,
    maxConcurrency: null,
    arrival: 'poisson',
    concurrencyReached: 1.23,
    ...over,
  };
}

/** Percentiles spread around a median by fixed factors; `wide` spreads the tail. */
function spread(family: string, median: number, wide: number): Record<string, number> {
  const at = (factor: number) => Math.round(median * (1 + (factor - 1) * wide) * 1000) / 1000;
  return {
    [`${family}_mean_ms`]: at(1.08),
    [`${family}_p50_ms`]: median,
    [`${family}_p75_ms`]: at(1.2),
    [`${family}_p90_ms`]: at(1.5),
    [`${family}_p95_ms`]: at(1.7),
    [`${family}_p99_ms`]: at(2.1),
    [`${family}_max_ms`]: at(2.6),
  };
}

export interface MetricShape {
  ttftMs: number;
  itlMs: number;
  rps: number;
  wide?: number;
  intervals?: boolean;
}

export function makeLevelMetrics(shape: MetricShape): LevelMetrics {
  const { ttftMs, itlMs, rps, wide = 1, intervals = true } = shape;
  const values: LevelMetrics['values'] = {
    ...spread('ttft', ttftMs, wide),
    ...spread('ttft_service', ttftMs * 0.9, wide),
    ...spread('itl', itlMs, wide),
    ...spread('tpot', itlMs * 1.02, wide),
    ...spread('e2e', ttftMs + 63 * itlMs, wide),
    ttft_p99_9_ms: null,
    throughput_tok_s: rps * 64,
    requests_per_s: rps,
    requests_ok: 300,
    requests_failed: 2,
    error_share: 2 / 302,
    goodput_req_s: rps * 0.97,
    slo_attainment: 0.991,
  };
  const out: LevelMetrics = {
    values,
    intervals: {},
    flags: { ttft_p99_ms: 'low-n' },
    chunkSizes: { '1': 19000, '2': 120 },
    outcomes: { ok: 300, timeout: 2 },
  };
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'number' || !/^(ttft|itl|tpot|e2e)_(p50|p90|p99)_ms$/.test(key)) continue;
    out.intervals[key] = intervals
      ? { low: value * 0.96, high: value * 1.05, method: 'block-bootstrap' }
      : { low: null, high: null, reason: 'too-short', neededS: 240 };
  }
  return out;
}

export function makeLevelSummary(over: Partial<LevelSummary> & { index: number }): LevelSummary {
  return {
    load: makeLoad(),
    status: 'complete',
    valid: true,
    sloMet: true,
    startUs: 1_000_000,
    windowStartUs: 2_000_000,
    windowEndUs: 62_000_000,
    endUs: 63_000_000,
    planHash: 'a'.repeat(64),
    requestsPlanned: 302,
    metrics: makeLevelMetrics({ ttftMs: 142, itlMs: 18, rps: 1 }),
    findings: [],
    client: null,
    ...over,
  };
}

/** A complete open-loop run of four levels whose tail grows with the load; the third is the headline. */
export function makeEnvelope(over: Partial<Envelope> = {}): Envelope {
  const levels = [1, 2, 4, 6].map((rateRps, index) =>
    makeLevelSummary({
      index,
      load: makeLoad({ rateRps, concurrencyReached: [1.21, 2.6, 6.4, 15.1][index] as number }),
      sloMet: index < 3,
      metrics: makeLevelMetrics({
        ttftMs: [96.2, 104, 142, 390][index] as number,
        itlMs: [14.2, 15.9, 18.5, 31][index] as number,
        rps: [1.01, 1.98, 3.96, 5.61][index] as number,
        wide: [0.6, 0.8, 0.95, 2.2][index] as number,
      }),
    }),
  );
  const headline = levels[2] as LevelSummary;
  return {
    schema: 'inferencebench.envelope.v1',
    runId: '01J7Q5C6ZK3V9M2T8W4X0Y1A2B',
    status: 'complete',
    exitCode: 0,
    quickLook: false,
    tool: {
      name: 'inferencebench',
      version: '0.1.0',
      node: '20.20.2',
      gitCommit: '0123456789abcdef',
      gitDirty: false,
    },
    startedAt: '2026-11-22T14:16:58.000Z',
    endedAt: '2026-11-22T14:22:31.000Z',
    command: {
      argv: [
        'run',
        'llm.inference',
        '--engine',
        'llama.cpp',
        '--model',
        'smollm2-135m',
        '--rate',
        '1,2,4,6',
      ],
      resolved: { rate: [1, 2, 4, 6], seed: 42, requestTimeoutS: 120, warmupRequests: 3 },
    },
    seed: 42,
    model: {
      asked: 'smollm2-135m',
      served: 'SmolLM2-135M-Instruct',
      quantAsked: null,
      quant: 'Q4_1',
      file: {
        path: '/cache/SmolLM2-135M-Instruct.Q4_1.gguf',
        bytes: 98_362_432,
        sha256: 'b179c952',
      },
    },
    engine: {
      id: 'llama.cpp',
      version: 'b9001',
      started: true,
      commandLine: [
        'llama-server',
        '--model',
        '/cache/my models/smollm2.gguf',
        '--threads',
        '1',
        '--parallel',
        '4',
      ],
      settings: { n_ctx: 2048, n_parallel: 4 },
      log: 'engine.log',
    },
    target: {
      url: 'http://127.0.0.1:41873/v1',
      api: 'completions',
      headers: {},
      extraBody: {},
      droppedFields: [],
      slots: 4,
      maxModelTokens: 2048,
    },
    hardware: { asked: null, detected: 'Intel Xeon 8481C, 2 cores' },
    workload: {
      dataset: 'random-words',
      inputTokens: '128',
      outputTokens: '64',
      temperature: 0,
      ignoreEos: true,
      prefixCache: 'unique prompts: cannot help',
    },
    slo: { id: 'llm.standard', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 },
    client: {
      transport: 'undici',
      verdict: 'ok',
      reason: 'client error at p99: TTFT 0.5 ms, ITL 0.2 ms',
      errorMs: { ttft: 0.5, ttftService: 0.2, itl: 0.2, e2e: 0.5 },
      selftest: null,
      tokenizer: 'server /tokenize',
      eventLoopDelayP99Ms: 0.8,
      eventLoopDelayMaxMs: 4.1,
      gcMaxPauseMs: 1.9,
      dispatchLagP99Ms: 0.6,
      cpuShare: 0.11,
      sharesHost: true,
    },
    environment: {
      os: 'linux',
      kernel: '6.1.0',
      arch: 'x64',
      cpuModel: 'Intel Xeon 8481C',
      cpuCount: 2,
      memoryBytes: 8_000_000_000,
      gpus: [],
      hostnameHash: 'f00d',
      container: true,
      loadAverage1: 0.4,
      versions: { python: '3.11.2' },
    },
    coldStart: { readyMs: 2140, firstRequestMs: 310 },
    levels,
    headline: 2,
    metrics: {
      ...headline.metrics,
      values: {
        ...headline.metrics.values,
        goodput_at_slo: 3.96,
        goodput_at_slo_planned_rps: 4,
        goodput_at_slo_tok_s: 253.4,
        power_avg_w: null,
        joules_per_token: null,
      },
    },
    findings: [
      {
        code: 'client-shares-host',
        severity: 'warning',
        message:
          'Client and engine share one host (2 CPUs, client 11 % busy): latencies include their competition. Measure from another machine for absolute numbers.',
      },
      {
        code: 'slo-missed',
        severity: 'info',
        message: 'TTFT p99 1041 ms is over the limit of 300 ms.',
        level: 3,
      },
    ],
    error: null,
    files: { 'plan.json': 'c0ffee' },
    ...over,
  };
}

export function makeRecord(over: Partial<RequestRecord> = {}): RequestRecord {
  return {
    level: 0,
    index: 0,
    requestId: 'r-0',
    counted: true,
    intendedUs: 2_000_000,
    sentUs: 2_000_500,
    connectUs: 0,
    headersUs: 2_010_000,
    firstByteUs: 2_010_000,
    firstChunkUs: 2_100_000,
    firstTokenUs: 2_100_000,
    lastTokenUs: 2_160_000,
    endUs: 2_161_000,
    outcome: 'ok',
    status: 200,
    error: null,
    finishReason: 'length',
    done: true,
    inputTokensAsked: 128,
    outputTokensAsked: 4,
    inputTokensUsage: 128,
    outputTokensUsage: 4,
    cachedTokensUsage: 0,
    outputTokensCounted: null,
    tokenSource: 'one-per-chunk',
    chunks: {
      atUs: [2_100_000, 2_120_000, 2_140_000, 2_160_000],
      tokens: [1, 1, 1, 1],
      read: [0, 1, 2, 3],
      kind: [0, 0, 0, 0],
    },
    ...over,
  };
}

export interface LevelRunShape {
  index?: number;
  load?: LoadSpec;
  requests?: number;
  outputTokens?: number;
  ttftMs?: number;
  itlMs?: number;
  /** Every so manieth request fails. */
  failEvery?: number;
  seed?: number;
}

/** Requests with noisy latencies of about the given size; the same arguments, the same bytes. */
export function makeLevelRun(shape: LevelRunShape = {}): LevelRun {
  const { index = 0, requests = 40, outputTokens = 16, ttftMs = 100, itlMs = 15 } = shape;
  const load = shape.load ?? makeLoad({ rateRps: 1 + index });
  const rng = createRng(shape.seed ?? 7, `level ${index}`);
  const originUs = 2_000_000 + index * 100_000_000;
  let intendedUs = originUs;
  const records: RequestRecord[] = [];
  for (let i = 0; i < requests; i++) {
    intendedUs += Math.round((-Math.log(rng.nextOpen()) * 1e6) / (load.rateRps ?? 4));
    const failed = shape.failEvery !== undefined && i % shape.failEvery === shape.failEvery - 1;
    const sentUs = intendedUs + 200 + rng.int(800);
    const firstTokenUs = sentUs + Math.round(ttftMs * 1000 * (0.7 + 0.9 * rng.next() ** 3));
    const atUs = [firstTokenUs];
    for (let t = 1; t < outputTokens; t++) {
      atUs.push((atUs[t - 1] as number) + Math.round(itlMs * 1000 * (0.6 + 0.8 * rng.next())));
    }
    const lastUs = atUs.at(-1) as number;
    const outcome: Outcome = failed ? 'timeout' : 'ok';
    records.push(
      makeRecord({
        level: index,
        index: i,
        requestId: `l${index}-r${i}`,
        counted: i < requests - 2,
        intendedUs,
        sentUs,
        headersUs: failed ? null : sentUs + 2000,
        firstByteUs: failed ? null : firstTokenUs,
        firstChunkUs: failed ? null : firstTokenUs,
        firstTokenUs: failed ? null : firstTokenUs,
        lastTokenUs: failed ? null : lastUs,
        endUs: lastUs + 500,
        outcome,
        status: failed ? null : 200,
        error: failed ? 'no token within 10 s' : null,
        outputTokensAsked: outputTokens,
        outputTokensUsage: failed ? null : outputTokens,
        chunks: failed
          ? { atUs: [], tokens: [], read: [], kind: [] }
          : {
              atUs,
              tokens: atUs.map(() => 1),
              read: atUs.map((_, t) => t),
              kind: atUs.map(() => 0),
            },
      }),
    );
  }
  return {
    index,
    load,
    startUs: originUs - 1_000_000,
    windowStartUs: originUs,
    windowEndUs: intendedUs,
    endUs: Math.max(...records.map((record) => record.endUs)),
    planHash: 'a'.repeat(64),
    requestsPlanned: requests - 2,
    status: 'complete',
    records,
    findings: [],
  };
}

/** Records that go with `makeEnvelope()`. */
export function makeLevelRuns(envelope: Envelope, requests = 60): LevelRun[] {
  return envelope.levels.map((level) =>
    makeLevelRun({
      index: level.index,
      load: level.load,
      requests,
      ttftMs: (level.metrics.values.ttft_p50_ms as number) * 1.05,
      itlMs: level.metrics.values.itl_p50_ms as number,
      ...(level.index === 3 && { failEvery: 20 }),
    }),
  );
}
