import { describe, expect, test } from 'vitest';
import { compareBlocks } from '../../src/metrics/index.ts';
import type { ComparisonBlock, MetricComparison } from '../../src/model/index.ts';
import { orderOf, runBlocks } from '../../src/protocols/index.ts';
import { tTestPower } from '../../src/stats/index.ts';
import { runVirtually } from '../e2e/virtual-run.ts';

const comparisons = Number(process.env['BENCH_COMPARISONS'] ?? 60);
const requests = 50;
const blocks = 8;
const metrics = ['throughput_tok_s'];

/**
 * A whole comparison on the virtual clock. One caller and exponential service: the throughput of a
 * measurement is tokens over a sum of `requests` exponentials, a gamma variable.
 */
async function compareVirtually(
  run: number,
  meanMs: { a: number; b: number },
): Promise<{ row: MetricComparison; blocks: ComparisonBlock[] }> {
  const done: ComparisonBlock[] = [];
  await runBlocks({
    blocks,
    again: false,
    metrics,
    sameRequests: true,
    signal: new AbortController().signal,
    async measure(turn, block) {
      const seed = 1 + (run * blocks + block) * 2 + (turn === 'A' ? 0 : 1);
      const service = { kind: 'exponential', meanMs: turn === 'A' ? meanMs.a : meanMs.b } as const;
      const { summary } = await runVirtually(
        { seed, slots: 1, service },
        { rateRps: null, maxConcurrency: 1, requests, resamples: 5 },
      );
      return { planHash: summary.planHash, invalid: null, values: summary.metrics.values };
    },
    onBlock: async (block) => void done.push(block),
  });
  const [row] = compareBlocks(done, { primary: metrics, others: [], marginShare: 0.05 });
  return { row: row ?? expect.fail('no result'), blocks: done };
}

/** Standard deviation of log(Gamma(n) / Gamma(n)): twice the trigamma function, by its series. */
function spreadOfLogRatio(n: number): number {
  let trigamma = 0;
  for (let k = n; k < n + 1e6; k++) trigamma += 1 / k ** 2;
  return Math.sqrt(2 * trigamma);
}

const error = (share: number) => 3 * Math.sqrt((share * (1 - share)) / comparisons);

describe('the whole chain on the virtual clock', { timeout: 240_000 }, () => {
  test('A/A: not more than one in twenty, and binomial error, is called different', async () => {
    let called = 0;
    for (let run = 0; run < comparisons; run++) {
      const { row } = await compareVirtually(run, { a: 100, b: 100 });
      if (row.verdict === 'a-better' || row.verdict === 'b-better') called++;
    }
    expect(called / comparisons).toBeLessThan(0.05 + error(0.05));
  });

  test('a true 10 % is found as often as power promises', async () => {
    const standardError = spreadOfLogRatio(requests) / Math.sqrt(blocks);
    const expected = tTestPower(Math.log(1.1) / standardError, blocks - 1, 0.05);
    let found = 0;
    let ratios = 0;
    for (let run = 0; run < comparisons; run++) {
      const { row } = await compareVirtually(1000 + run, { a: 110, b: 100 });
      if (row.verdict === 'b-better') found++;
      ratios += Math.log(row.ratio ?? Number.NaN) / comparisons;
    }
    expect(Math.abs(found / comparisons - expected)).toBeLessThan(error(expected));
    expect(Math.abs(ratios - Math.log(1.1))).toBeLessThan(
      (3 * standardError) / Math.sqrt(comparisons),
    );
  });

  test('both sides get the same requests, in alternating order', async () => {
    const { blocks: done } = await compareVirtually(1, { a: 100, b: 50 });
    expect(done.map(({ order }) => order.join(''))).toEqual(
      Array.from({ length: blocks }, (_, i) => (i % 2 === 0 ? 'AB' : 'BA')),
    );
    expect(done.every(({ valid, planHash }) => valid && planHash !== null)).toBe(true);
  });
});

describe('runBlocks', () => {
  const values = { throughput_tok_s: 1 };
  const run = async (
    invalid: (turn: string, block: number) => string | null,
    hash: (turn: string) => string = () => 'h',
  ) => {
    const done: ComparisonBlock[] = [];
    await runBlocks({
      blocks: 4,
      again: true,
      metrics,
      sameRequests: true,
      signal: new AbortController().signal,
      measure: async (turn, block) => ({
        planHash: hash(turn),
        invalid: invalid(turn, block),
        values,
      }),
      onBlock: async (block) => void done.push(block),
    });
    return done;
  };

  test('a block with a doubt is left out, with the reason', async () => {
    const done = await run((turn, block) => (turn === 'B' && block === 2 ? 'error share' : null));
    expect(done.map(({ valid }) => valid)).toEqual([true, true, false, true]);
    expect(done[2]?.reason).toBe('B: error share');
    const differ = await run(
      () => null,
      (turn) => turn,
    );
    expect(differ.every(({ valid }) => !valid)).toBe(true);
    expect(differ[0]?.reason).toBe('the sides did not get the same requests');
  });

  test('the second run of A is as often first as last', () => {
    expect([0, 1, 2, 3].map((block) => orderOf(block, true).join(' '))).toEqual([
      'A B again',
      'B A again',
      'again A B',
      'again B A',
    ]);
  });

  test('an interrupt in the middle of a block makes it none', async () => {
    const stop = new AbortController();
    const done: ComparisonBlock[] = [];
    await runBlocks({
      blocks: 4,
      again: false,
      metrics,
      sameRequests: true,
      signal: stop.signal,
      async measure(turn, block) {
        if (block === 2 && turn === 'A') stop.abort();
        return { planHash: 'h', invalid: null, values };
      },
      onBlock: async (block) => void done.push(block),
    });
    expect(done.map(({ index }) => index)).toEqual([0, 1]);
  });
});
