import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import type { LevelRun } from '../../model/index.ts';
import { type EngineSource, findEngineSource, type MetricsPage } from './find-source.ts';
import { samplesOf } from './read-series-log.ts';
import type { SeriesLine } from './series-log.ts';
import { watchEngine } from './watch-engine.ts';

/** Time that only sleeping moves. */
function steppedClock(): Clock {
  let us = 5_000_000;
  return {
    nowUs: () => us,
    wallMs: () => 0,
    async sleepUntil(atUs, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      us = Math.max(us, atUs);
    },
  };
}

const pageOf = (url: string, get: () => string): MetricsPage => ({ url, get: async () => get() });
const refused = (): string => {
  throw new Error('ECONNREFUSED');
};

async function sourceOf(...pages: MetricsPage[]): Promise<EngineSource> {
  const source = await findEngineSource(pages.map((page) => [page]));
  if (typeof source === 'string') throw new Error(source);
  return source;
}

const run = {
  ...{ index: 0, windowStartUs: 0, windowEndUs: 1e12, endUs: 1e12, records: [] },
} as unknown as LevelRun;

describe('findEngineSource', () => {
  it('takes the first page of each server that is a known one', async () => {
    const json = pageOf('http://x/metrics', () => '[{"iter": 1}]');
    const missing = pageOf('http://x/none', refused);
    const good = pageOf('http://x/prometheus/metrics', () => 'trtllm_num_requests_running 1\n');
    const source = await findEngineSource([[json, missing, good]]);
    expect(source).toMatchObject({ pages: [good], family: { id: 'tensorrt-llm' } });
  });

  it('says of every page why it is of no use', async () => {
    const pages = [
      pageOf('http://x/a', refused),
      pageOf('http://x/b', () => '<html></html>'),
      pageOf('http://x/c', () => 'process_cpu_seconds_total 3\n'),
    ];
    expect(await findEngineSource([pages])).toBe(
      'http://x/a: ECONNREFUSED; http://x/b: not a metrics page; http://x/c has metrics of no engine that is known here',
    );
  });
});

describe('watchEngine', () => {
  it('looks once a second, tells failures apart from silence, and stores both', async () => {
    const clock = steppedClock();
    let looks = 0;
    const text = () => {
      looks++;
      if (looks === 4) return refused();
      const tokens = (100 * clock.nowUs()) / 1e6;
      return `vllm:num_requests_running ${looks}\nvllm:generation_tokens_total ${tokens}\n`;
    };
    const source = await sourceOf(pageOf('http://x/metrics', text));
    const stored: SeriesLine[] = [];
    const watch = watchEngine(source, {
      ...{ clock, originUs: clock.nowUs(), intervalMs: 1000, file: 'f' },
      write: (lines) => stored.push(...lines),
    });
    while (looks < 6) await new Promise((resolve) => setImmediate(resolve));
    const engine = await watch.ofLevel(run);
    await watch.stop();

    const times = watch.samples.map(({ atUs }) => atUs / 1e6);
    expect(times.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(watch.samples[2]).toMatchObject({ reading: null, reason: 'ECONNREFUSED' });
    expect(engine.generationTokensPerS).toBeCloseTo(100, 9);
    expect(engine.waiting).toBeNull();
    expect(watch.info()).toMatchObject({ family: 'vllm', failed: 1, urls: ['http://x/metrics'] });
    expect(watch.info().reason).toContain('ECONNREFUSED');
    expect(watch.info().unavailable).toContain('waiting');
    expect(samplesOf(stored)).toEqual(watch.samples);
  });

  it('follows the engine to its next start, and is silent in between', async () => {
    const clock = steppedClock();
    const stored: SeriesLine[] = [];
    let looks = 0;
    const page = (running: number) =>
      pageOf('http://x/metrics', () => {
        looks++;
        return `llamacpp:requests_processing ${running}\n`;
      });
    const watch = watchEngine(await sourceOf(page(1)), {
      ...{ clock, originUs: clock.nowUs(), intervalMs: 1000, file: 'f' },
      write: (lines) => stored.push(...lines),
    });
    await watch.ofLevel(run);
    watch.retarget('the engine was being started anew');
    const before = watch.samples.length;
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(watch.samples.length).toBe(before);
    expect((await watch.ofLevel(run)).reason).toContain('started anew');
    watch.retarget(await sourceOf(page(2)));
    const from = looks;
    while (looks < from + 2) await new Promise((resolve) => setImmediate(resolve));
    await watch.stop();
    expect(watch.samples.at(-1)?.reading?.running).toBe(2);
    expect(watch.info().failed).toBe(0);
    expect(samplesOf(stored)).toEqual(watch.samples);
  });
});
