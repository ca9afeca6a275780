import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LevelRun, RequestRecord } from '../../model/index.ts';
import { failedRecord, levelOf, okRecord } from '../records.fixture.ts';
import { peerTools } from './index.ts';

const valuesOf = (tool: string, run: LevelRun) =>
  Object.fromEntries(
    peerTools
      .get(tool)
      .summarize(run, null)
      .map(({ key, value }) => [key, value]),
  );

describe('the same stream under three sets of rules', () => {
  // First token after 100 ms, then ten chunks of 4 tokens, 40 ms apart: 41 tokens in 500 ms. Here
  // ITL is 10 ms, ICL 40 ms and TPOT 10 ms (src/metrics/summarize-level.test.ts).
  const stream = [
    { atUs: 100_000, tokens: 1 },
    ...Array.from({ length: 10 }, (_, i) => ({ atUs: 140_000 + i * 40_000, tokens: 4 })),
  ];
  const run = levelOf([okRecord(0, 0, stream)]);

  it('vLLM: ITL 40 ms, TPOT 10 ms', () => {
    expect(valuesOf('vllm', run)).toMatchObject({
      mean_ttft_ms: 100,
      mean_itl_ms: 40,
      p99_itl_ms: 40,
      mean_tpot_ms: 10,
      mean_e2el_ms: 500,
      output_throughput: 82,
      total_token_throughput: 162,
      request_throughput: 2,
    });
  });

  it('AIPerf: ITL 10 ms, ICL 40 ms', () => {
    expect(valuesOf('aiperf', run)).toMatchObject({
      'time_to_first_token.avg': 100,
      'time_to_second_token.avg': 40,
      'inter_token_latency.avg': 10,
      'inter_chunk_latency.p99': 40,
      'request_latency.avg': 500,
      'output_token_throughput_per_user.avg': 100,
      'prefill_throughput_per_user.avg': 320,
      output_token_throughput: 82,
      // 32 prompt tokens as asked for, 40 by the server's usage with its template.
      total_token_throughput: 146,
    });
  });

  it('differ where the first chunk holds several tokens', () => {
    const bundled = [{ atUs: 100_000, tokens: 4 }, ...stream.slice(1)];
    const level = levelOf([okRecord(0, 0, bundled)]);
    // 400 ms over 43, where 40 tokens came after the first chunk.
    expect(valuesOf('vllm', level)['mean_tpot_ms']).toBeCloseTo(400 / 43, 9);
    expect(valuesOf('aiperf', level)['inter_token_latency.avg']).toBeCloseTo(400 / 43, 9);
  });

  it('start before the connection, and leave the wait for the send out', () => {
    const late = okRecord(0, 0, stream, { sentUs: 60_000, connectUs: 20_000 });
    expect(valuesOf('vllm', levelOf([late]))['mean_ttft_ms']).toBeCloseTo(60, 9);
    expect(valuesOf('aiperf', levelOf([late]))['time_to_first_token.avg']).toBeCloseTo(60, 9);
  });

  it('end TTFT at a role for vLLM, at text for AIPerf', () => {
    const role = okRecord(0, 0, stream, { firstChunkUs: 30_000 });
    expect(valuesOf('vllm', levelOf([role]))['mean_ttft_ms']).toBeCloseTo(30, 9);
    expect(valuesOf('aiperf', levelOf([role]))['time_to_first_token.avg']).toBeCloseTo(100, 9);
    const kind = [2, ...Array<number>(10).fill(0)];
    const tool = { ...role, chunks: { ...role.chunks, kind } };
    expect(valuesOf('aiperf', levelOf([tool]))['time_to_first_token.avg']).toBeCloseTo(140, 9);
  });
});

describe('aiperf', () => {
  // Start, arrival of each chunk (ms), prompt and output tokens.
  const requests: [start: number, content: number[], isl: number, osl: number][] = [
    [0, [100, 140, 180, 230], 32, 7],
    [500, [640, 650, 700], 48, 3],
    [900, [1200], 16, 1],
    [1000, [1090, 1290, 1300, 1310, 1420], 64, 12],
  ];
  const records = requests.map(([startMs, content, isl, osl], i) =>
    okRecord(
      i,
      startMs * 1000,
      content.map((atMs) => ({ atUs: atMs * 1000, tokens: 1 })),
      { inputTokensAsked: isl, outputTokensUsage: osl },
    ),
  );

  it('has the statistics of Python 3.11.7 (fmean, pstdev, quantiles by the inclusive method)', () => {
    const values = valuesOf('aiperf', levelOf(records));
    const expected: Record<string, number[]> = {
      time_to_first_token: [157.5, 120, 252, 295.2, 84.372685153, 300],
      request_latency: [287.5, 265, 384, 416.4, 84.668471109, 420],
      inter_token_latency: [27.222222222, 30, 30, 30, 3.928371007, 30],
      inter_chunk_latency: [57.777777778, 40, 128, 192.8, 58.267158232, 200],
      output_token_throughput_per_user: [
        37.606837607, 33.333333333, 43.58974359, 45.897435897, 6.043647702, 46.153846154,
      ],
      prefill_throughput_per_user: [
        356.825396825, 331.428571429, 600.634920635, 700.063492063, 234.081728206, 711.111111111,
      ],
    };
    for (const [key, numbers] of Object.entries(expected)) {
      const stats = ['avg', 'p50', 'p90', 'p99', 'std', 'max'];
      stats.forEach((stat, i) => {
        expect(values[`${key}.${stat}`], `${key}.${stat}`).toBeCloseTo(numbers[i] as number, 6);
      });
    }
    expect(values['benchmark_duration']).toBeCloseTo(1.42, 9);
    expect(values['request_throughput']).toBeCloseTo(4 / 1.42, 9);
    expect(values['output_token_throughput']).toBeCloseTo(23 / 1.42, 9);
    expect(values['total_token_throughput']).toBeCloseTo(183 / 1.42, 9);
  });

  it('counts errors against the good, and leaves them out of the latencies', () => {
    const run = levelOf([...records, failedRecord(4, 1_300_000)]);
    const slo = { id: 's', ttftMs: 150, tpotMs: null, e2eMs: 450, quantile: 0.99 };
    const metrics = peerTools.get('aiperf').summarize(run, slo);
    const value = (name: string) => metrics.find(({ key }) => key === name)?.value;
    // TTFT 100, 140, 300, 90; latency 230, 200, 300, 420: three of five.
    expect(value('good_request_fraction')).toBeCloseTo(0.6, 12);
    expect(value('goodput')).toBeCloseTo(3 / 1.42, 9);
    expect(value('error_request_count')).toBe(1);
  });

  it('takes the tokenizer’s count where there was one', () => {
    const counted = records.map((record) => ({ ...record, outputTokensCounted: 9 }));
    expect(valuesOf('aiperf', levelOf(counted))['output_sequence_length.avg']).toBe(9);
  });
});

describe.each(['vllm-bench-result.json', 'vllm-bench-result-smollm2.json'])(
  'vllm against %s, which the original wrote',
  (name) => {
    const url = new URL(`../../../test/fixtures/engines/${name}`, import.meta.url);
    const json: unknown = JSON.parse(readFileSync(url, 'utf8'));
    const file = json as Record<string, number>;
    const arrays = json as Record<'ttfts' | 'start_times' | 'input_lens' | 'output_lens', number[]>;
    const { itls } = json as { itls: number[][] };

    /** The file's arrays as the records that this tool would have made of those requests. */
    const records = arrays.ttfts.map((ttftS, i): RequestRecord => {
      const origin = arrays.start_times[0] as number;
      const startUs = Math.round(((arrays.start_times[i] as number) - origin) * 1e6);
      const times = [startUs + ttftS * 1e6];
      for (const gapS of itls[i] ?? []) times.push((times.at(-1) as number) + gapS * 1e6);
      const chunks = times.map((at) => ({ atUs: Math.round(at), tokens: 1 }));
      const [isl, osl] = [arrays.input_lens[i] as number, arrays.output_lens[i] as number];
      return okRecord(i, startUs, chunks, { inputTokensUsage: isl, outputTokensUsage: osl });
    });
    const values = valuesOf('vllm', levelOf(records));

    it('agrees in every aggregate to the microsecond that records hold', () => {
      const keys = Object.keys(file).filter((key) => key.endsWith('_ms') && key in values);
      expect(keys.length).toBeGreaterThanOrEqual(16);
      for (const key of keys) {
        expect(Math.abs((values[key] as number) - (file[key] as number)), key).toBeLessThan(0.002);
      }
    });

    it('agrees in every count, and in the rates but for the wait before the first send', () => {
      for (const key of ['completed', 'failed', 'total_input_tokens', 'total_output_tokens']) {
        expect(values[key], key).toBe(file[key]);
      }
      expect(values['max_output_tokens_per_s']).toBe(file['max_output_tokens_per_s']);
      for (const key of ['request_throughput', 'output_throughput', 'total_token_throughput']) {
        const theirs = (file[key] as number) * (file['duration'] as number);
        expect((values[key] as number) * (values['duration'] as number)).toBeCloseTo(theirs, 6);
      }
    });
  },
);
