import { summarizeLevel } from '../metrics/index.ts';
import type { Envelope, LevelMetrics, LevelRun, LevelSummary } from '../model/index.ts';
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
