import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../prometheus/parse-exposition.ts';
import { metricFamilies } from './families/index.ts';
import { familyOf, readReading, unavailableIn } from './read-page.ts';

const page = (name: string) => {
  const url = new URL(`../../../test/fixtures/engines/${name}`, import.meta.url);
  return parseExposition(readFileSync(url, 'utf8')).samples;
};
const read = (name: string) => {
  const samples = page(name);
  const family = familyOf(samples);
  if (family === null) throw new Error('no family');
  return { family: family.id, reading: readReading(family, samples) };
};

describe('readReading', () => {
  it('understands the recorded page of vLLM 0.32.0', () => {
    const { family, reading } = read('vllm-metrics.txt');
    expect(family).toBe('vllm');
    expect(reading).toMatchObject({
      ...{ running: 0, waiting: 0, kvUse: 0, preemptions: 0 },
      ...{ prefixHitTokens: 0, prefixQueryTokens: 665, promptTokens: 665, generationTokens: 342 },
      ttft: { count: 24, sumS: 0.706007719039917 },
      e2e: { count: 24, sumS: 2.998262405395508 },
      queue: { count: 24, sumS: 0.0011942259998249938 },
      prefill: { count: 24, sumS: 0.2623334539996449 },
      decode: { count: 24, sumS: 2.316014217999964 },
    });
    // Not started with speculative decoding: it says nothing, which is not none.
    expect(unavailableIn(reading)).toEqual(['draftTokens', 'acceptedTokens', 'acceptedShare']);
  });

  it('understands the recorded page of llama-server', () => {
    const { family, reading } = read('llama-metrics.txt');
    expect(family).toBe('llama.cpp');
    expect(reading).toMatchObject({
      ...{ running: 0, waiting: 0, kvUse: null, preemptions: null },
      // 1741 computed and 172 from the cache.
      ...{ prefixHitTokens: 172, prefixQueryTokens: 1913, promptTokens: 1913 },
      ...{ generationTokens: 935, draftTokens: 0, acceptedTokens: 0 },
      ...{ queue: null, ttft: null, e2e: null },
    });
  });

  it('understands a page as SGLang documents it, each request once', () => {
    const { family, reading } = read('sglang-metrics.txt');
    expect(family).toBe('sglang');
    expect(reading).toMatchObject({
      // Two ranks and a priority say the same 162.
      ...{ running: 162, waiting: 2826, kvUse: 0.28, preemptions: 3, acceptedShare: 0.62 },
      ...{ prefixHitTokens: 61_000, prefixQueryTokens: 8_128_902, generationTokens: 7_557_572 },
      ttft: { count: 11_008, sumS: 2_351_897.9474117756 },
      queue: { count: 100, sumS: 12.5 },
      ...{ prefill: null, decode: null },
    });
  });

  it('takes counters that SGLang makes with their first event for 0, and no others', () => {
    const sglang = metricFamilies.find(({ id }) => id === 'sglang');
    if (sglang === undefined) throw new Error('no sglang');
    const reading = (page: string) => readReading(sglang, parseExposition(page).samples);
    const fresh = 'sglang:num_retracted_reqs{tp_rank="0"} 0.0\nsglang:num_queue_reqs 0.0\n';
    expect(reading(fresh)).toMatchObject({ preemptions: 0, prefixHitTokens: null, waiting: 0 });
    const served = `${fresh}sglang:prompt_tokens_total 10.0\n`;
    expect(reading(served)).toMatchObject({ prefixHitTokens: 0, prefixQueryTokens: 10 });
    expect(reading('sglang:num_queue_reqs 0.0\n').preemptions).toBeNull();
  });

  it('understands pages as TGI and TensorRT-LLM document them', () => {
    expect(read('tgi-metrics.txt')).toMatchObject({
      family: 'tgi',
      reading: {
        ...{ running: 8, waiting: 5, kvUse: null, promptTokens: 32_000, generationTokens: 64_000 },
        queue: { sumS: 12.5, count: 250 },
        e2e: { sumS: 300, count: 250 },
        ttft: null,
      },
    });
    expect(read('trtllm-metrics.txt')).toMatchObject({
      family: 'tensorrt-llm',
      reading: {
        ...{ running: 12, waiting: 3, kvUse: 0.87, preemptions: null },
        ...{ prefixHitTokens: 250, prefixQueryTokens: 1000, generationTokens: 500 },
        ttft: { sumS: 0.3, count: 3 },
        decode: { sumS: 0.9, count: 3 },
      },
    });
  });

  it('adds replicas up, but takes the fullest KV cache', () => {
    const vllm = metricFamilies.find(({ id }) => id === 'vllm');
    if (vllm === undefined) throw new Error('no vllm');
    const of = (engine: number, running: number, kv: string) =>
      `vllm:num_requests_running{engine="${engine}"} ${running}\nvllm:kv_cache_usage_perc{engine="${engine}"} ${kv}\n`;
    const two = parseExposition(of(0, 3, '0.2') + of(1, 4, '0.9')).samples;
    expect(readReading(vllm, two)).toMatchObject({ running: 7, kvUse: 0.9, waiting: null });
    const broken = parseExposition(of(0, 3, 'NaN')).samples;
    expect(readReading(vllm, broken)).toMatchObject({ running: 3, kvUse: null });
  });

  it('takes no figure that cannot be', () => {
    const readVllm = (use: string, running: string) => {
      const text = `vllm:kv_cache_usage_perc{engine="0"} ${use}\nvllm:num_requests_running{engine="0"} ${running}\n`;
      const { samples } = parseExposition(text);
      const family = metricFamilies.find(({ id }) => id === 'vllm');
      if (family === undefined) throw new Error('no family');
      return readReading(family, samples);
    };
    expect(readVllm('-5', '-1')).toMatchObject({ kvUse: null, running: null });
    expect(readVllm('1.5', '0')).toMatchObject({ kvUse: null, running: 0 });
    expect(readVllm('1', '3')).toMatchObject({ kvUse: 1, running: 3 });
  });

  it('reads the buckets of a histogram, of all replicas together', () => {
    const { reading } = read('vllm-metrics.txt');
    expect(reading.ttft?.buckets?.slice(0, 4)).toEqual([
      { upToS: 0.001, count: 0 },
      { upToS: 0.005, count: 0 },
      { upToS: 0.01, count: 1 },
      { upToS: 0.02, count: 19 },
    ]);
    expect(reading.ttft?.buckets?.at(-1)).toEqual({ upToS: 2560, count: 24 });
    // As the page has it: 24 requests, 0.68 s between their tokens altogether.
    expect(reading.tpot).toMatchObject({ count: 24 });
    const vllm = metricFamilies.find(({ id }) => id === 'vllm');
    if (vllm === undefined) throw new Error('no vllm');
    const page = (engine: number, ...buckets: [le: string, count: number][]) =>
      buckets
        .map(
          ([le, count]) =>
            `vllm:e2e_request_latency_seconds_bucket{engine="${engine}",le="${le}"} ${count}\n`,
        )
        .join('') +
      `vllm:e2e_request_latency_seconds_count{engine="${engine}"} 5\nvllm:e2e_request_latency_seconds_sum{engine="${engine}"} 2\n`;
    const of = (text: string) => readReading(vllm, parseExposition(text).samples).e2e;
    const one = page(0, ['0.5', 3], ['+Inf', 5]);
    expect(of(one + page(1, ['0.5', 4], ['+Inf', 5]))).toEqual({
      ...{ sumS: 4, count: 10, buckets: [{ upToS: 0.5, count: 7 }] },
    });
    // Not the same bounds, or not of the same requests: only what is certain.
    expect(of(one + page(1, ['0.7', 4], ['+Inf', 5]))).toEqual({ sumS: 4, count: 10 });
    expect(of(page(0, ['0.5', 3], ['+Inf', 4]))).toEqual({ sumS: 2, count: 5 });
  });

  it('finds no engine on the page of something else', () => {
    expect(familyOf(parseExposition('python_info{} 1\nhttp_requests_total 5\n').samples)).toBe(
      null,
    );
  });

  it('has a source for every mapping, and no name of another engine', () => {
    for (const { prefix, source, numbers, times } of metricFamilies) {
      expect(source).not.toBe('');
      const names = [...Object.values(numbers).flat(2), ...Object.values(times).flat()];
      expect(names.filter((name) => !String(name).startsWith(prefix))).toEqual([]);
    }
  });
});
