import { describe, expect, it } from 'vitest';
import type { Knee } from '../model/index.ts';
import { articleSections, criterionText } from './article.ts';
import { makeEnvelope } from './test-support.ts';

const rowsOf = (envelope: ReturnType<typeof makeEnvelope>, title: string) =>
  Object.fromEntries(
    (articleSections(envelope).find((section) => section.title === title)?.rows ?? []).map(
      ({ name, value, condition }) => [name, condition === undefined ? value : [value, condition]],
    ),
  );

const nobody = { value: null, from: null };
const system = {
  gpu: { value: 'NVIDIA H100', from: 'machine' },
  gpuCount: { value: 8, from: 'given' },
  interconnect: { value: 'NVLink', from: 'given' },
  gpuMemoryBytes: { value: 80e9, from: 'given' },
  modelSize: { value: '70B', from: 'model-name' },
  tensorParallel: { value: 8, from: 'command-line' },
  pipelineParallel: nobody,
  attentionBackend: nobody,
  schedulingPolicy: nobody,
} as const;

describe('articleSections', () => {
  it('are the article’s, in its order', () => {
    expect(articleSections(makeEnvelope()).map(({ title }) => title)).toEqual([
      'Hardware',
      'Model',
      'Engine',
      'Workload',
      'Results',
    ]);
  });

  it('say what was stated and what nobody knows', () => {
    const envelope = makeEnvelope({ system });
    expect(rowsOf(envelope, 'Hardware')).toEqual({
      GPU: 'NVIDIA H100',
      GPUs: '8 (stated)',
      Interconnect: 'NVLink (stated)',
      'Memory per GPU': '80.0 GB (stated)',
    });
    expect(rowsOf(envelope, 'Model')).toMatchObject({
      Size: '70B',
      Quantization: 'Q4_1',
      'Tensor parallel': '8',
      'Pipeline parallel': 'unknown',
    });
    expect(rowsOf(envelope, 'Engine')).toEqual({
      Name: 'llama.cpp',
      Version: 'b9001',
      'Attention backend': 'unknown',
      'Scheduling policy': 'unknown',
    });
  });

  it('name the processor where there is no GPU', () => {
    const gpuCount = { value: 0, from: 'machine' } as const;
    expect(rowsOf(makeEnvelope({ system: { ...system, gpuCount } }), 'Hardware')).toEqual({
      GPU: 'none',
      CPU: 'Intel Xeon 8481C',
      CPUs: '2',
      Memory: '8.0 GB',
    });
  });

  it('give every result the load it was measured at', () => {
    const knee: Knee = {
      criterion: 'llm.standard:ttft',
      maxRateRps: 4,
      offeredRps: 3.87,
      failRps: 6,
      failOfferedRps: 6.12,
      level: 2,
      verdict: 'not-proven',
      failedBy: 'slo',
    };
    const base = makeEnvelope();
    const { slo } = base;
    const method = {
      ...{ warmUps: [], gates: [], sustained: null, launches: [], acrossLaunches: [] },
      ...{ checklist: [], cost: null },
      sweep: { kind: 'rates' as const, stopped: '', levels: [0, 1, 2, 3], knees: [knee] },
    };
    const rows = rowsOf({ ...base, slos: slo === null ? [] : [slo], method }, 'Results');
    const at = 'open, poisson, 4 req/s, 60 s, n = 300; random-words, 128 tokens in, 64 out';
    expect(rows['TTFT p50']).toEqual(['142 ms [136, 149]', at]);
    expect(rows['TTFT p99']?.[0]).toBe('290 ms [279, 305] (low n)');
    expect(rows['Throughput']).toEqual(['253 tok/s at 18.5 ms p50 ITL', at]);
    expect(rows['Max request rate, llm.standard:ttft']).toEqual([
      '3.87 req/s (4 planned)',
      'TTFT <= 300 ms for 99 % of requests; not-proven; 6.12 req/s (6 planned) failed (slo)',
    ]);
  });
});

describe('criterionText', () => {
  const slos = [{ id: 'a', ttftMs: 500, tpotMs: 50, e2eMs: null, quantile: 0.99 }];
  it.each([
    ['a', 'TTFT <= 500 ms and TPOT <= 50 ms for 99 % of requests'],
    ['a:tpot', 'TPOT <= 50 ms for 99 % of requests'],
    ['keeps-up', 'completes what arrives; no SLO'],
    ['other', 'other'],
  ])('%s', (criterion, text) => expect(criterionText(criterion, slos)).toBe(text));
});
