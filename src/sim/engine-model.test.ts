import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngineModel, type EngineRequest } from './engine-model.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import type { SimSpecInput } from './sim-spec.ts';
import { createVirtualClock } from './virtual-clock.ts';

interface Seen {
  startedMs: number | null;
  rejectedMs: number | null;
  /** `time of the chunk x its tokens`, milliseconds. */
  chunks: [number, number][];
}

/** Submits requests at given milliseconds and reports what the model did with each. */
async function simulate(
  input: SimSpecInput,
  arrivals: ({ atMs: number } & Partial<EngineRequest>)[],
): Promise<Seen[]> {
  const clock = createVirtualClock();
  const model = createEngineModel(parseSimSpec(input), clock);
  const ms = (us: number) => Math.round(us) / 1000;
  const seen = arrivals.map(({ atMs, ...request }) => {
    const one: Seen = { startedMs: null, rejectedMs: null, chunks: [] };
    clock.at(atMs * 1000, () => {
      model.submit(
        { promptTokens: 10, outputTokens: 3, ...request },
        {
          onStarted: (us) => {
            one.startedMs = ms(us);
          },
          onRejected: (us) => {
            one.rejectedMs = ms(us);
          },
          onTokens: (us, tokens) => one.chunks.push([ms(us), tokens]),
        },
      );
    });
    return one;
  });
  await clock.run();
  expect([model.running(), model.waiting()]).toEqual([0, 0]);
  return seen;
}

const plain: SimSpecInput = {
  prefill: { baseMs: 20, perTokenMs: 1 },
  decode: { kind: 'constant', itlMs: 5 },
};

describe('engine model', () => {
  it('gives fixed delays exactly', async () => {
    const [a, b] = await simulate(plain, [{ atMs: 100 }, { atMs: 107.5, promptTokens: 2 }]);
    expect(a?.chunks).toEqual([
      [130, 1],
      [135, 1],
      [140, 1],
    ]);
    expect(b?.chunks[0]).toEqual([129.5, 1]);
  });

  it('spares the prefill of cached tokens', async () => {
    const [a] = await simulate(plain, [{ atMs: 0, cachedTokens: 8 }]);
    expect(a?.chunks[0]).toEqual([22, 1]);
  });

  it('serves so many at once, in order of arrival, and turns away what the queue cannot hold', async () => {
    const seen = await simulate({ ...plain, slots: 2, queue: 1 }, [
      { atMs: 0 },
      { atMs: 1 },
      { atMs: 2 },
      { atMs: 3 },
      { atMs: 41 },
    ]);
    expect(seen.map((one) => one.startedMs)).toEqual([0, 1, 40, null, 41]);
    expect(seen[3]).toEqual({ startedMs: null, rejectedMs: 3, chunks: [] });
  });

  it('repeats the tokens-per-chunk list and cuts the last chunk to fit', async () => {
    const [a] = await simulate({ ...plain, tokensPerChunk: [1, 3] }, [
      { atMs: 0, outputTokens: 7 },
    ]);
    expect(a?.chunks).toEqual([
      [30, 1],
      [35, 3],
      [40, 1],
      [45, 2],
    ]);
  });

  it('repeats a list of gaps', async () => {
    const spec: SimSpecInput = { ...plain, decode: { kind: 'list', itlMs: [1, 50] } };
    const [a] = await simulate(spec, [{ atMs: 0, outputTokens: 4 }]);
    expect(a?.chunks.map(([at]) => at)).toEqual([30, 31, 81, 82]);
  });

  it('stands still once: work under way, waiting and arriving is late by what is left of it', async () => {
    const spec: SimSpecInput = { ...plain, freeze: { atMs: 32, durationMs: 2000 } };
    const seen = await simulate(spec, [{ atMs: 0 }, { atMs: 1000 }, { atMs: 2032 }]);
    expect(seen[0]?.chunks.map(([at]) => at)).toEqual([30, 2035, 2040]);
    expect(seen[1]?.startedMs).toBe(2032);
    expect(seen[1]?.chunks[0]).toEqual([2062, 1]);
    expect(seen[2]?.chunks[0]).toEqual([2062, 1]);
  });

  it('warms up by time, linearly, and by requests, in a step', async () => {
    const single: Partial<EngineRequest> = { promptTokens: 0, outputTokens: 1 };
    const byTime = await simulate(
      { ...plain, warmUp: { factor: 3, forS: 40 } },
      [0, 20_000, 40_000, 90_000].map((atMs) => ({ atMs, ...single })),
    );
    expect(
      byTime.map((one, i) => (one.chunks[0]?.[0] ?? 0) - [0, 20_000, 40_000, 90_000][i]!),
    ).toEqual([60, 40, 20, 20]);
    const byCount = await simulate(
      { ...plain, warmUp: { factor: 10, forRequests: 2, shape: 'step' } },
      [0, 1000, 2000].map((atMs) => ({ atMs, ...single })),
    );
    expect(byCount.map((one) => one.chunks[0]?.[0])).toEqual([200, 1200, 2020]);
  });

  it('slows down with every request above its capacity', async () => {
    const spec: SimSpecInput = {
      ...plain,
      slots: 1,
      collapse: { aboveInFlight: 1, slowdownPerRequest: 0.5 },
    };
    const one: Partial<EngineRequest> = { promptTokens: 0, outputTokens: 2 };
    const seen = await simulate(spec, [
      { atMs: 0, ...one },
      { atMs: 10, ...one },
    ]);
    // Prefill begun alone; the step with two in flight; the second request alone again.
    expect(seen[0]?.chunks.map(([at]) => at)).toEqual([20, 27.5]);
    expect(seen[1]?.chunks.map(([at]) => at)).toEqual([47.5, 52.5]);
  });

  it('stalls for a while', async () => {
    const stall = { afterTokens: 2, stallMs: 400 };
    const [a] = await simulate(plain, [{ atMs: 0, outputTokens: 4, stall }]);
    expect(a?.chunks.map(([at]) => at)).toEqual([30, 35, 440, 445]);
  });

  it('frees the slot of a cancelled request, whether waiting, running or stalled', async () => {
    const clock = createVirtualClock();
    const model = createEngineModel(parseSimSpec({ ...plain, slots: 1 }), clock);
    const started: string[] = [];
    const submit = (name: string, stall?: EngineRequest['stall']) =>
      model.submit(
        { promptTokens: 10, outputTokens: 3, ...(stall && { stall }) },
        { onStarted: (us) => started.push(`${name}@${us / 1000}`), onTokens: () => {} },
      );
    const a = submit('a', { afterTokens: 1, stallMs: null });
    const b = submit('b');
    submit('c');
    await clock.advanceTo(100_000);
    expect([model.running(), model.waiting()]).toEqual([1, 2]);
    b.cancel();
    expect(model.waiting()).toBe(1);
    a.cancel();
    a.cancel();
    await clock.run();
    expect(started).toEqual(['a@0', 'c@100']);
    expect([model.running(), model.waiting(), model.finished()]).toEqual([0, 0, 1]);
  });

  it('draws the same delays from the same seed, others from another', async () => {
    const run = (seed: number) =>
      simulate({ ...plain, seed, jitter: 0.3 }, [{ atMs: 0 }, { atMs: 1, outputTokens: 9 }]);
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
    const gaps = (await run(3)).flatMap(({ chunks }) =>
      chunks.slice(1).map(([at], i) => at - (chunks[i]?.[0] ?? 0)),
    );
    for (const gap of gaps) expect(Math.abs(gap - 5)).toBeLessThanOrEqual(1.5001);
    expect(new Set(gaps).size).toBeGreaterThan(3);
  });

  it('follows the Kiefer-Wolfowitz recursion for any arrivals on any number of slots', async () => {
    // Known answer: each request takes the slot that is free first (FCFS G/G/c).
    const arrivals = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: 60 }),
        outputTokens: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 4 }), async (list, slots) => {
        let atMs = 0;
        const requests = list.map(({ gapMs, outputTokens }) => ({
          atMs: (atMs += gapMs),
          outputTokens,
        }));
        const free = new Array<number>(slots).fill(0);
        const expected = requests.map((request) => {
          free.sort((x, y) => x - y);
          const start = Math.max(request.atMs, free[0] ?? 0);
          free[0] = start + 30 + 5 * (request.outputTokens - 1);
          return start;
        });
        const seen = await simulate({ ...plain, slots }, requests);
        expect(seen.map((one) => one.startedMs)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
