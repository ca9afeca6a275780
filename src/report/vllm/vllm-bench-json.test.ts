import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  aggregateVllm,
  maxConcurrentRequests,
  maxOutputTokensPerS,
  toVllmRequest,
  type VllmRequest,
} from '../../metrics/index.ts';
import { makeEnvelope, makeLevelRun, makeLoad, makeRecord } from '../test-support.ts';
import { toVllmBenchJson } from './vllm-bench-json.ts';

interface RealFile {
  [key: string]: unknown;
  ttfts: number[];
  itls: number[][];
  latencies: number[];
  start_times: number[];
  queue_times: number[];
  input_lens: number[];
  output_lens: number[];
  errors: string[];
}

function readReal(name: string): RealFile {
  const url = new URL(`../../../test/fixtures/engines/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as RealFile;
}

/** The arrays of a real file as the requests they came from. */
function requestsOf(file: RealFile): VllmRequest[] {
  return file.ttfts.map((ttftS, i) => ({
    success: file.errors[i] === '',
    inputLen: file.input_lens[i] as number,
    outputLen: file.output_lens[i] as number,
    startS: file.start_times[i] as number,
    ttftS,
    itlS: file.itls[i] as number[],
    latencyS: file.latencies[i] as number,
    queueS: file.queue_times[i] as number,
  }));
}

const detailKeys = [
  'input_lens',
  'output_lens',
  'ttfts',
  'itls',
  'start_times',
  'generated_texts',
  'errors',
];

// Files written by the original `vllm bench serve --save-detailed` (see test/fixtures/engines).
const realFiles = [
  { name: 'vllm-bench-result.json', percentiles: [50, 90, 95, 99] },
  { name: 'vllm-bench-result-smollm2.json', percentiles: [99] },
];

describe.each(realFiles)('against $name', ({ name, percentiles }) => {
  const file = readReal(name);
  const requests = requestsOf(file);

  it('recomputes its aggregates from its own arrays', () => {
    const ours = aggregateVllm(requests, ['ttft', 'tpot', 'itl', 'e2el'], percentiles);
    const theirs = Object.keys(file).filter((key) => key.endsWith('_ms'));
    expect(Object.keys(ours).sort()).toEqual(theirs.sort());
    for (const key of theirs) {
      expect(Math.abs((ours[key] as number) - (file[key] as number)), key).toBeLessThan(1e-9);
    }
  });

  it('finds the same busiest seconds', () => {
    expect(maxOutputTokensPerS(requests)).toBe(file.max_output_tokens_per_s);
    expect(maxConcurrentRequests(requests)).toBe(file.max_concurrent_requests);
  });

  it('writes the same keys, with and without the arrays', () => {
    const envelope = makeEnvelope();
    const run = makeLevelRun();
    const keys = (detailed: boolean) =>
      Object.keys(toVllmBenchJson(envelope, run, { label: null, detailed, percentiles }).json);
    expect(keys(true).sort()).toEqual(Object.keys(file).sort());
    expect(keys(false).sort()).toEqual(
      Object.keys(file)
        .filter((key) => !detailKeys.includes(key))
        .sort(),
    );
  });
});

describe('toVllmRequest', () => {
  it('starts the clock before the connection and ends TTFT at the first chunk of any kind', () => {
    const request = toVllmRequest(
      makeRecord({
        intendedUs: 1_000_000,
        sentUs: 1_030_000,
        connectUs: 20_000,
        firstChunkUs: 1_060_000,
        firstTokenUs: 1_110_000,
        lastTokenUs: 1_150_000,
        endUs: 1_160_000,
        outputTokensUsage: 5,
        chunks: {
          atUs: [1_110_000, 1_130_000, 1_150_000],
          tokens: [1, 2, 2],
          read: [1, 2, 3],
          kind: [0, 0, 0],
        },
      }),
    );
    expect(request.startS).toBeCloseTo(1.01, 9);
    expect(request.queueS).toBeCloseTo(0.01, 9);
    expect(request.ttftS).toBeCloseTo(0.05, 9);
    // The role-only message opens the list: one gap more than there are token chunks after the first.
    expect(request.itlS.map((gap) => Math.round(gap * 1e6))).toEqual([50_000, 20_000, 20_000]);
    expect(request.latencyS).toBeCloseTo(0.14, 9);
    expect(aggregateVllm([request], ['tpot'], []).mean_tpot_ms).toBeCloseTo(90 / 4, 9);
  });

  it('has one gap a chunk after the first when the first chunk carries a token', () => {
    expect(toVllmRequest(makeRecord()).itlS.map((gap) => Math.round(gap * 1e6))).toEqual([
      20_000, 20_000, 20_000,
    ]);
  });

  it('keeps failed requests out of the samples', () => {
    const failed = toVllmRequest(makeRecord({ outcome: 'reset' }));
    expect(failed.success).toBe(false);
    expect(aggregateVllm([failed], ['ttft'], [99])).toEqual({
      mean_ttft_ms: null,
      median_ttft_ms: null,
      std_ttft_ms: null,
      p99_ttft_ms: null,
    });
  });
});

describe('toVllmBenchJson', () => {
  it('counts over the time from the schedule to the end of the last counted request', () => {
    const run = { ...makeLevelRun(), windowStartUs: 2_000_000 };
    run.records = [
      makeRecord({ index: 0 }),
      makeRecord({ index: 1, sentUs: 5_000_000, endUs: 12_000_000 }),
      makeRecord({ index: 2, outcome: 'timeout' }),
      makeRecord({ index: 3, counted: false, endUs: 99_000_000 }),
    ];
    const { json } = toVllmBenchJson(makeEnvelope({ slo: null }), run, {
      label: null,
      detailed: true,
    });
    expect(json).toMatchObject({
      duration: 10,
      completed: 2,
      failed: 1,
      total_input_tokens: 256,
      total_output_tokens: 8,
      request_throughput: 0.2,
      request_goodput: null,
      output_throughput: 0.8,
      total_token_throughput: 26.4,
      errors: ['', '', 'timeout: '],
    });
  });

  it('counts goodput by its own clock', () => {
    const run = { ...makeLevelRun(), windowStartUs: 2_000_000 };
    run.records = [
      makeRecord({ endUs: 4_000_000 }),
      makeRecord({ index: 1, sentUs: 1_000_000, endUs: 4_000_000 }),
    ];
    const { json } = toVllmBenchJson(makeEnvelope(), run, { label: null, detailed: false });
    // The second took 1100 ms to its first token, over the limit of 300; duration is 3 s.
    expect(json.request_goodput).toBeCloseTo(1 / 3, 12);
  });

  it.each([
    [makeLoad({ rateRps: 2 }), 'openai-2.0qps-SmolLM2-20261122-141658.json', 2, 1],
    [
      makeLoad({ rateRps: 2.5, maxConcurrency: 8, arrival: 'gamma:0.5' }),
      'openai-2.5qps-concurrency8-SmolLM2-20261122-141658.json',
      2.5,
      0.5,
    ],
    [
      makeLoad({ kind: 'closed', rateRps: null, maxConcurrency: 4, arrival: null }),
      'openai-infqps-concurrency4-SmolLM2-20261122-141658.json',
      'inf',
      1,
    ],
    [makeLoad({ arrival: 'constant' }), 'openai-1.0qps-SmolLM2-20261122-141658.json', 1, 'inf'],
  ])('names the file as vLLM does: %j', (load, fileName, rate, burstiness) => {
    const base = makeEnvelope();
    const envelope = { ...base, model: { ...base.model, served: 'hub/SmolLM2' } };
    const result = toVllmBenchJson(
      envelope,
      { ...makeLevelRun(), load },
      { label: null, detailed: false },
    );
    expect(result.fileName).toBe(fileName);
    expect(result.json).toMatchObject({
      request_rate: rate,
      burstiness,
      max_concurrency: load.maxConcurrency,
      model_id: 'hub/SmolLM2',
    });
  });

  it('never lets a name leave the folder', () => {
    const base = makeEnvelope();
    const envelope = { ...base, model: { ...base.model, served: '..\\..' } };
    const { fileName } = toVllmBenchJson(envelope, makeLevelRun(), {
      label: '../x',
      detailed: false,
    });
    expect(fileName).not.toMatch(/[/\\]/);
  });
});
