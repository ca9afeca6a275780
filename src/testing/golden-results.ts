import { summarizeLevel } from '../metrics/index.ts';
import type {
  Envelope,
  LevelDevice,
  LevelEngine,
  LevelMachine,
  LevelMetrics,
  LevelRun,
  LevelSummary,
} from '../model/index.ts';
import { sloTemplates } from '../model/index.ts';
import { createSampleLevel, type SampleLevel } from './sample-levels.ts';

/** A whole result as a report gets it. */
export interface GoldenResult {
  name: string;
  envelope: Envelope;
  levels: LevelRun[];
}

/** Names that end markup, drive a terminal, break a table, start a formula. */
const hostileText =
  '</script><script>window.pwned=1</script><img src=x onerror=pwned()>' +
  '\u001b[31mred\u001b[2J\u0007\u009b5m|`[a](javascript:pwned())"\'\r\n# heading\n=cmd("x"),y';

const seed = 42;
const slo = sloTemplates[0] ?? null;

/** One result of every kind that a run can leave, from fixed seeds: the same each time. */
export function createGoldenResults(): GoldenResult[] {
  const levels = [1, 2, 4].map((rateRps, index) =>
    createSampleLevel({ index, rateRps, ttftMs: 80 + 60 * index, itlMs: 12 + 5 * index }),
  );
  const complete = resultOf('complete', levels);
  return [
    complete,
    resultOf('quick look, one level', levels.slice(0, 1), { quickLook: true, slo: null }),
    partial(levels),
    failed(),
    resultOf('no levels', [], { status: 'failed', exitCode: 3, error: noServer }),
    nullsEverywhere(),
    infinite(),
    withMethod(complete),
    named('huge names', `${'very-long-model-name/'.repeat(300)}end`, complete),
    named('hostile names', hostileText, complete),
    { ...complete, name: 'records are missing', levels: [] },
  ];
}

const noServer = {
  code: 'PREREQ_ENGINE',
  message: 'No source for llama.cpp is left:\n  - PyPI: refused',
  hint: null,
};

function resultOf(
  name: string,
  levels: readonly LevelRun[],
  changes: Partial<Envelope> = {},
): GoldenResult {
  const summaries = levels.map(summaryOf);
  const headline = summaries.length === 0 ? null : Math.min(1, summaries.length - 1);
  const metrics = headline === null ? noMetrics() : (summaries[headline]?.metrics ?? noMetrics());
  return {
    name,
    levels: [...levels],
    envelope: { ...baseEnvelope(), levels: summaries, headline, metrics, ...changes },
  };
}

function summaryOf(run: LevelRun): LevelSummary {
  const { records: _, client: _figures, ...rest } = run;
  return {
    ...rest,
    load: { ...run.load, concurrencyReached: 1.5 },
    valid: true,
    sloMet: true,
    metrics: summarizeLevel(run, { slo, seed, resamples: 100 }),
    client: null,
  };
}

/** Interrupted in its second level. */
function partial(levels: readonly LevelRun[]): GoldenResult {
  const [first, second] = levels;
  if (!first || !second) throw new Error('two levels are needed');
  const cut: LevelRun = {
    ...second,
    status: 'partial',
    records: second.records.slice(0, 4),
    findings: [
      { code: 'level-partial', severity: 'warning', message: 'ended after 4 of 30.', level: 1 },
    ],
  };
  return resultOf('partial', [first, cut], { status: 'partial', exitCode: 130 });
}

function failed(): GoldenResult {
  const shape: SampleLevel = { outcome: (i) => (i % 2 === 0 ? 'http_error' : 'timeout') };
  const result = resultOf('failed', [createSampleLevel(shape)], {
    status: 'failed',
    exitCode: 4,
    headline: null,
    error: { code: 'TARGET_ALL_FAILED', message: 'None of 30 requests succeeded.', hint: 'Look.' },
  });
  const { envelope } = result;
  const levels = envelope.levels.map((level) => ({ ...level, valid: false, sloMet: false }));
  return { ...result, envelope: { ...envelope, levels } };
}

/** Everything that may be unknown is. */
function nullsEverywhere(): GoldenResult {
  const result = resultOf('nulls everywhere', [createSampleLevel({ requests: 3 })]);
  const { envelope } = result;
  const blank = (metrics: LevelMetrics): LevelMetrics => ({
    ...noMetrics(),
    values: Object.fromEntries(Object.keys(metrics.values).map((key) => [key, null])),
  });
  return {
    ...result,
    envelope: {
      ...envelope,
      tool: { ...envelope.tool, gitCommit: null, gitDirty: null },
      model: { asked: '', served: null, quantAsked: null, quant: null, file: null },
      engine: {
        id: null,
        version: null,
        started: false,
        commandLine: null,
        settings: {},
        log: null,
      },
      target: { ...envelope.target, slots: null, maxModelTokens: null },
      hardware: { asked: null, detected: '' },
      slo: null,
      client: {
        transport: 'undici',
        verdict: null,
        reason: null,
        errorMs: null,
        selftest: null,
        tokenizer: null,
        eventLoopDelayP99Ms: null,
        eventLoopDelayMaxMs: null,
        gcMaxPauseMs: null,
        dispatchLagP99Ms: null,
        cpuShare: null,
        sharesHost: null,
      },
      environment: { ...envelope.environment, container: null, loadAverage1: null, versions: {} },
      coldStart: { readyMs: null, firstRequestMs: null },
      levels: envelope.levels.map((level) => ({
        ...level,
        load: {
          kind: 'open',
          rateRps: null,
          concurrencyAsked: null,
          maxConcurrency: null,
          arrival: null,
          concurrencyReached: null,
        },
        sloMet: null,
        metrics: blank(level.metrics),
      })),
      metrics: blank(envelope.metrics),
      findings: [],
      files: {},
    },
  };
}

/** More failures than a percentile can leave out. */
function infinite(): GoldenResult {
  const outcome = (i: number) => (i % 2 === 0 ? 'ok' : 'timeout');
  return resultOf('infinite percentiles', [createSampleLevel({ requests: 150, outcome })]);
}

/** Conducted by the book: swept, sustained, judged by the checklist, priced and metered. */
function withMethod({ envelope, levels }: GoldenResult): GoldenResult {
  const price = {
    kind: 'instance' as const,
    item: '2x Golden GPU',
    usdPerHour: 4.5,
    source: 'contract',
    date: '2026-01-02',
  };
  const power = {
    avgW: 612,
    energyJ: 6120,
    domainsW: { 'gpu-0': 612 },
    samples: 100,
    reason: null,
    devices: { 'gpu-0': goldenDevice },
  };
  return {
    name: 'with its method',
    levels,
    envelope: {
      ...envelope,
      levels: envelope.levels.map((level) => ({
        ...level,
        role: 'sweep',
        launch: 1,
        power,
        engine: goldenEngine,
        machine: goldenMachine,
      })),
      engineMetrics: goldenMetrics('vllm'),
      system: goldenSystem('Golden GPU', 2),
      power: goldenPower('Golden GPU'),
      metrics: {
        ...envelope.metrics,
        values: {
          ...envelope.metrics.values,
          power_avg_w: 612,
          joules_per_token: 0.32,
          cost_usd_per_million_tokens: 0.85,
        },
        reasons: { energy_j: 'not asked for' },
      },
      method: {
        warmUps: [
          {
            launch: 1,
            runs: 3,
            requestsPerRun: 17,
            inFlight: 4,
            failed: 0,
            meanServiceMs: [210, 190, 188],
          },
        ],
        gates: [],
        sweep: {
          kind: 'auto',
          stopped: 'the bracket is narrower than 5 %',
          levels: envelope.levels.map(({ index }) => index),
          knees: [
            {
              criterion: 'llm.standard',
              maxRateRps: 2,
              failRps: 4,
              level: 1,
              verdict: 'proven',
              failedBy: 'slo',
            },
            {
              criterion: 'llm.standard:ttft',
              maxRateRps: null,
              failRps: 1,
              level: null,
              verdict: 'refuted',
              failedBy: 'slo',
            },
          ],
        },
        sustained: null,
        launches: [{ launch: 1, seed, readyMs: 2140, firstRequestMs: 310, levels: [0, 1, 2] }],
        acrossLaunches: [],
        checklist: [
          { id: 'warm-up', asks: '50 or more', verdict: 'pass', fact: '51 requests' },
          { id: 'tails', asks: 'p50, p99, p99.9', verdict: 'fail', fact: 'no p99.9' },
          { id: 'hardware', asks: 'GPU model', verdict: 'unknown', fact: 'interconnect unknown' },
        ],
        cost: {
          price,
          level: 1,
          usdPerMillionOutputTokens: 3.1,
          usdPerMillionTokens: 0.85,
          usdPerHour: 4.5,
        },
      },
    },
  };
}

const goldenDevice: LevelDevice = {
  ...{ busyShare: 0.97, memoryUsedMaxBytes: 60e9, clockMeanMhz: 1500, clockMinMhz: 1410 },
  ...{ temperatureMaxC: 61, clockLimits: { sw_power_cap: 0.5 } },
};

const goldenMachine: LevelMachine = {
  ...{ busyShare: 0.4, stolenShare: 0.001, memoryAvailableMinBytes: 12e9 },
  ...{ clockMeanMhz: null, clockMinMhz: null, throttleEvents: null },
};

const goldenView = {
  ...{ engineMs: 100, clientMs: 104, outsideMs: 4, engineRequests: 300, clientRequests: 300 },
};

const goldenEngine: LevelEngine = {
  ...{ samples: 60, spanS: 59, running: { mean: 7.5, max: 8 }, waiting: { mean: 2.5, max: 9 } },
  ...{ kvUse: { mean: 0.6, max: 0.98 }, preemptions: 3, prefixHitShare: 0.25, queueMs: 12 },
  ...{ prefillMs: 80, decodeMs: 900, acceptedShare: null, promptTokensPerS: 500 },
  ...{ generationTokensPerS: 250, ttft: goldenView, e2e: null, reason: null },
};

function goldenMetrics(text: string): NonNullable<Envelope['engineMetrics']> {
  return {
    ...{ urls: [text], family: text, source: text, intervalMs: 1000, scrapes: 60, failed: 0 },
    ...{ meanScrapeMs: 3.5, unavailable: ['acceptedShare', text], file: null, reason: null },
  };
}

function goldenPower(text: string): NonNullable<Envelope['power']> {
  const { name, model } = { name: 'gpu-0', model: text };
  const processes = [{ pid: 1, name: text, memoryBytes: null }];
  return {
    ...{ probe: text, covers: text, method: text, reason: null },
    devices: [
      { name, model, uuid: text, driver: text, memoryBytes: null, powerLimitW: 700, processes },
    ],
  };
}

function goldenSystem(text: string, gpuCount: number): NonNullable<Envelope['system']> {
  const given = <T>(value: T) => ({ value, from: 'given' as const });
  return {
    gpu: given(text),
    gpuCount: { value: gpuCount, from: 'machine' },
    interconnect: given(text),
    gpuMemoryBytes: given(80e9),
    modelSize: given(text),
    tensorParallel: given(2),
    pipelineParallel: { value: null, from: null },
    attentionBackend: given(text),
    schedulingPolicy: given(text),
  };
}

/** What the method says, all of it in these words. */
function methodNamed(text: string, like: Envelope): Partial<Envelope> {
  const { envelope } = withMethod({ name: '', envelope: like, levels: [] });
  const { method, metrics } = envelope;
  if (!method) return {};
  return {
    system: goldenSystem(text, 2),
    power: { ...goldenPower(text), reason: text },
    engineMetrics: { ...goldenMetrics(text), reason: text },
    metrics: { ...metrics, reasons: { power_avg_w: text } },
    method: {
      ...method,
      sweep: method.sweep && { ...method.sweep, stopped: text },
      checklist: method.checklist.map((row) => ({ ...row, asks: text, fact: text })),
      cost: method.cost && {
        ...method.cost,
        price: { ...method.cost.price, item: text, source: text },
      },
    },
  };
}

/** Everything that people and servers name is named so. */
function named(name: string, text: string, like: GoldenResult): GoldenResult {
  const { envelope } = like;
  const gpu = { name: text, memoryBytes: null, driver: text };
  return {
    name,
    levels: like.levels.map((level) => ({
      ...level,
      records: level.records.map((record) => ({ ...record, requestId: text, error: text })),
    })),
    envelope: {
      ...envelope,
      ...methodNamed(text, envelope),
      model: {
        asked: text,
        served: text,
        quantAsked: text,
        quant: text,
        file: { path: text, bytes: 1, sha256: null },
      },
      engine: {
        ...envelope.engine,
        id: text,
        version: text,
        commandLine: [text],
        settings: { [text]: text },
      },
      target: { ...envelope.target, url: text, headers: { [text]: text } },
      hardware: { asked: text, detected: text },
      workload: { ...envelope.workload, dataset: text, prefixCache: text },
      client: { ...envelope.client, tokenizer: text },
      environment: { ...envelope.environment, cpuModel: text, gpus: [gpu] },
      command: { argv: [text], resolved: { model: text } },
      findings: [{ code: 'model-not-listed', severity: 'warning', message: text }],
      error: { code: 'TARGET_NO_API', message: text, hint: text },
    },
  };
}

function noMetrics(): LevelMetrics {
  return { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: {} };
}

function baseEnvelope(): Envelope {
  return {
    schema: 'inferencebench.envelope.v1',
    runId: '01JGOLDEN000000000000000A1',
    status: 'complete',
    exitCode: 0,
    quickLook: false,
    tool: {
      name: 'inferencebench',
      version: '0.0.0',
      node: '20.19.0',
      gitCommit: '0123456789abcdef',
      gitDirty: false,
    },
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:06:05.000Z',
    command: {
      argv: ['bench', 'run', 'llm.inference', '--rate', '1,2,4'],
      resolved: { rate: [1, 2, 4] },
    },
    seed,
    model: {
      asked: 'golden-135m',
      served: 'golden-135m',
      quantAsked: null,
      quant: 'Q4_1',
      file: { path: '/models/golden.gguf', bytes: 98_362_432, sha256: 'b'.repeat(64) },
    },
    engine: {
      id: 'llama.cpp',
      version: 'b1',
      started: true,
      commandLine: ['llama-server', '--model', '/models/golden.gguf'],
      settings: { threads: 1, slots: 4 },
      log: 'engine.log',
    },
    target: {
      url: 'http://127.0.0.1:8000/v1',
      api: 'completions',
      headers: {},
      extraBody: {},
      droppedFields: [],
      slots: 4,
      maxModelTokens: 2048,
    },
    hardware: { asked: null, detected: 'Golden CPU (2 CPUs)' },
    workload: {
      dataset: 'random',
      inputTokens: '32',
      outputTokens: '12',
      temperature: 0,
      ignoreEos: true,
      prefixCache: 'unique prompts: it cannot help',
    },
    slo,
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
      cpuModel: 'Golden CPU',
      cpuCount: 2,
      memoryBytes: 8_000_000_000,
      gpus: [],
      hostnameHash: 'f00d',
      container: false,
      loadAverage1: 0.4,
      versions: { python: '3.11.2' },
    },
    coldStart: { readyMs: 2140, firstRequestMs: 310 },
    levels: [],
    headline: null,
    metrics: noMetrics(),
    findings: [{ code: 'client-shares-host', severity: 'info', message: 'They share 2 CPUs.' }],
    error: null,
    files: { 'plan.jsonl': 'c'.repeat(64) },
  };
}
