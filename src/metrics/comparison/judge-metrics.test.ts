import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../core/index.ts';
import type { ComparisonBlock } from '../../model/index.ts';
import { sampleNormal, tTestPower } from '../../stats/index.ts';
import { compareBlocks, compareRuns, type JudgeOptions } from './judge-metrics.ts';
import { compareToggle } from './optimisations.ts';
import { regressionGate } from './regression-gate.ts';

const primary = ['ttft_p50_ms', 'tpot_p50_ms', 'throughput_tok_s'];
const options: JudgeOptions = { primary, others: [], marginShare: 0.05 };

type Values = ComparisonBlock['values'];

const block = (index: number, values: Values, valid = true): ComparisonBlock => ({
  index,
  order: index % 2 === 0 ? ['A', 'B'] : ['B', 'A'],
  valid,
  reason: valid ? null : 'level invalid',
  planHash: 'h',
  values,
});

/** Blocks whose metrics differ by log-normal noise of `sigma` and by the true ratios. */
function drawBlocks(seed: number, n: number, sigma: number, ratios: Record<string, number>) {
  const rng = createRng(seed, 'blocks');
  return Array.from({ length: n }, (_, index) => {
    // What both sides of a block have in common: the hour, the neighbours.
    const hour = Math.exp(0.3 * sampleNormal(rng));
    const values = Object.entries(ratios).map(([metric, ratio]) => {
      const a = 100 * hour * Math.exp((sigma / Math.SQRT2) * sampleNormal(rng));
      const b = 100 * hour * ratio * Math.exp((sigma / Math.SQRT2) * sampleNormal(rng));
      return [metric, { a, b }] as const;
    });
    return block(index, Object.fromEntries(values));
  });
}

/** Three standard errors of a share. */
const error = (share: number, runs: number) => 3 * Math.sqrt((share * (1 - share)) / runs);

describe('known truth', { timeout: 240_000 }, () => {
  const same = { ttft_p50_ms: 1, tpot_p50_ms: 1, throughput_tok_s: 1 };
  const runs = 1000;

  it.each([3, 8])('A/A of %d blocks: one in twenty call any metric different', (n) => {
    let called = 0;
    for (let seed = 0; seed < runs; seed++) {
      const rows = compareBlocks(drawBlocks(seed, n, 0.05, same), options);
      if (rows.some(({ verdict }) => verdict === 'a-better' || verdict === 'b-better')) called++;
    }
    expect(called / runs).toBeLessThan(0.05 + error(0.05, runs));
    // Three independent metrics: Holm gives up almost nothing.
    expect(called / runs).toBeGreaterThan(0.05 - error(0.05, runs));
  });

  it.each([
    [8, 0.06],
    [8, 0.12],
    [5, 0.06],
  ])('%d blocks of spread %d: a tenth is found as often as power says', (n, sigma) => {
    const one: JudgeOptions = { ...options, primary: ['ttft_p50_ms'] };
    const expected = tTestPower(Math.log(1.1) / (sigma / Math.sqrt(n)), n - 1, 0.05);
    let found = 0;
    let wrong = 0;
    for (let seed = 0; seed < runs; seed++) {
      const blocks = drawBlocks(seed, n, sigma, { ttft_p50_ms: 1.1 });
      const [row] = compareBlocks(blocks, one);
      if (row?.verdict === 'a-better') found++;
      if (row?.verdict === 'b-better') wrong++;
    }
    expect(Math.abs(found / runs - expected)).toBeLessThan(error(expected, runs));
    expect(wrong / runs).toBeLessThan(0.005);
  });

  it('finds an effect of the printed size with the 80 % that are promised', () => {
    const one: JudgeOptions = { ...options, primary: ['ttft_p50_ms'] };
    // The mean of what is printed, over runs of no effect: each prints from its own spread.
    const [n, sigma] = [8, 0.06];
    let printed = 0;
    for (let seed = 0; seed < runs; seed++) {
      const [row] = compareBlocks(drawBlocks(seed, n, sigma, { ttft_p50_ms: 1 }), one);
      printed += Math.log1p(row?.detectableShare ?? Number.NaN) ** 2 / runs;
    }
    // The variance of a sample is unbiased, so its root mean square is that of the true spread.
    const ratio = Math.exp(Math.sqrt(printed));
    let found = 0;
    for (let seed = 0; seed < runs; seed++) {
      const [row] = compareBlocks(drawBlocks(runs + seed, n, sigma, { ttft_p50_ms: ratio }), one);
      if (row?.verdict === 'a-better') found++;
    }
    expect(Math.abs(found / runs - 0.8)).toBeLessThan(error(0.8, runs) + 0.01);
  });

  it('intervals of the ratio cover it 95 % of the time', () => {
    let covered = 0;
    for (let seed = 0; seed < runs; seed++) {
      const [row] = compareBlocks(drawBlocks(seed, 6, 0.1, { ttft_p50_ms: 1.23 }), options);
      if (Number(row?.low) <= 1.23 && Number(row?.high) >= 1.23) covered++;
    }
    expect(Math.abs(covered / runs - 0.95)).toBeLessThan(error(0.95, runs));
  });

  it('calls a difference as large as the margin equivalent in at most 5 %', () => {
    let called = 0;
    for (let seed = 0; seed < runs; seed++) {
      const [row] = compareBlocks(drawBlocks(seed, 8, 0.02, { ttft_p50_ms: 1.05 }), options);
      if (row?.equivalence.within === true) called++;
    }
    expect(called / runs).toBeLessThan(0.05 + error(0.05, runs));
    expect(called / runs).toBeGreaterThan(0.03);
  });

  it('stored runs: Welch, and one against several, call at most 5 % different', () => {
    for (const [a, b, runs] of [
      [3, 3, 120],
      [5, 1, 1000],
    ] as const) {
      let called = 0;
      for (let seed = 0; seed < runs; seed++) {
        const rng = createRng(seed, `stored ${a} ${b}`);
        const draw = (count: number) =>
          Array.from({ length: count }, () => ({
            value: 100 * Math.exp(0.05 * sampleNormal(rng)),
            interval: null,
          }));
        const sides = { a: draw(a), b: draw(b) };
        const [row] = compareRuns(() => sides, { ...options, primary: ['ttft_p50_ms'] });
        if (row?.verdict === 'a-better' || row?.verdict === 'b-better') called++;
      }
      expect(called / runs).toBeLessThan(0.05 + error(0.05, runs));
    }
  });
});

describe('compareBlocks', () => {
  const rows = (ratio: number, noise = [0.01, -0.01, 0.005, -0.005, 0, 0.002, -0.002, 0.004]) =>
    compareBlocks(
      noise.map((x, i) =>
        block(i, {
          ttft_p50_ms: { a: 100, b: 100 * ratio * Math.exp(x) },
          throughput_tok_s: { a: 50, b: 50 * ratio * Math.exp(x) },
        }),
      ),
      { ...options, primary: ['ttft_p50_ms', 'throughput_tok_s'] },
    );

  it('knows which direction is better', () => {
    expect(rows(1.2).map(({ verdict }) => verdict)).toEqual(['a-better', 'b-better']);
    expect(rows(0.8).map(({ verdict }) => verdict)).toEqual(['b-better', 'a-better']);
    expect(rows(1).map(({ verdict }) => verdict)).toEqual(['equivalent', 'equivalent']);
  });

  it('is the mirror of itself when the sides are swapped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 1, max: 1e4 }), fc.double({ min: 1, max: 1e4 })), {
          minLength: 2,
          maxLength: 9,
        }),
        (pairs) => {
          const of = (swap: boolean) =>
            compareBlocks(
              pairs.map(([x, y], i) =>
                block(i, { ttft_p50_ms: swap ? { a: y, b: x } : { a: x, b: y } }),
              ),
              { ...options, primary: ['ttft_p50_ms'] },
            )[0] ?? expect.fail();
          const [one, other] = [of(false), of(true)];
          expect(other.ratio).toBeCloseTo(1 / Number(one.ratio), 6);
          expect(other.p).toBeCloseTo(Number(one.p), 8);
          const mirrored = { 'a-better': 'b-better', 'b-better': 'a-better' } as const;
          // The margin is of the ratio, so equivalence alone is not symmetric.
          if (one.verdict in mirrored) {
            expect(other.verdict).toBe(mirrored[one.verdict as keyof typeof mirrored]);
          }
        },
      ),
    );
  });

  it('corrects for the number of metrics: what one alone would show, three do not', () => {
    const noise = [0.031, -0.012, 0.055, 0.021, 0.008, 0.047, -0.003, 0.026];
    const same = [0.03, -0.03, 0.02, -0.02, 0.01, -0.01, 0.005, -0.005];
    const blocks = noise.map((x, i) => {
      const even = { a: 1, b: Math.exp(same[i] as number) };
      return block(i, {
        ttft_p50_ms: { a: 1, b: Math.exp(x) },
        tpot_p50_ms: even,
        throughput_tok_s: even,
      });
    });
    const strict = { ...options, marginShare: 0.02 };
    const alone = compareBlocks(blocks, { ...strict, primary: ['ttft_p50_ms'] })[0];
    const together = compareBlocks(blocks, strict)[0];
    expect(alone?.p).toBe(together?.p);
    expect(alone).toMatchObject({ verdict: 'a-better' });
    expect(together?.pHolm).toBeCloseTo(3 * Number(together?.p), 12);
    expect(together?.verdict).toBe('no-detectable-difference');
    expect(Number(together?.detectableShare)).toBeGreaterThan(Number(alone?.detectableShare));
  });

  it('gives no verdict to metrics that were not named before', () => {
    const rows = compareBlocks(drawBlocks(1, 8, 0.001, { ttft_p50_ms: 1, e2e_p50_ms: 2 }), {
      ...options,
      primary: ['ttft_p50_ms'],
      others: ['e2e_p50_ms', 'ttft_p50_ms'],
    });
    expect(
      rows.map(({ metric, primary, verdict, pHolm }) => [metric, primary, verdict, pHolm]),
    ).toEqual([
      ['ttft_p50_ms', true, 'equivalent', rows[0]?.p],
      ['e2e_p50_ms', false, 'not-tested', null],
    ]);
    expect(rows[1]?.ratio).toBeCloseTo(2, 1);
  });

  it('leaves out invalid blocks and missing values, and says how many entered', () => {
    const blocks = [
      block(0, { ttft_p50_ms: { a: 1, b: 1.1 } }),
      block(1, { ttft_p50_ms: { a: 1, b: 900 } }, false),
      block(2, { ttft_p50_ms: { a: 1, b: null } }),
      block(3, { ttft_p50_ms: { a: 1, b: 0 } }),
      block(4, {}),
      block(5, { ttft_p50_ms: { a: 1, b: 1.12 } }),
    ];
    const one: JudgeOptions = { ...options, primary: ['ttft_p50_ms', 'tpot_p50_ms'] };
    const [ttft, tpot] = compareBlocks(blocks, one);
    expect(ttft?.n).toEqual({ a: 2, b: 2 });
    expect(ttft?.ratio).toBeCloseTo(Math.sqrt(1.1 * 1.12), 12);
    expect(tpot).toMatchObject({ n: { a: 0, b: 0 }, ratio: null, verdict: 'not-measured' });
    // An unmeasured metric takes no share of the error.
    expect(ttft?.pHolm).toBe(ttft?.p);
    expect(compareBlocks(blocks.slice(0, 1), one)[0]).toMatchObject({
      verdict: 'too-few',
      low: null,
    });
  });

  it('says where Wilcoxon cannot speak', () => {
    const noteOf = (n: number) =>
      compareBlocks(drawBlocks(3, n, 0.1, { ttft_p50_ms: 1.5 }), options)[0]?.wilcoxon;
    expect(noteOf(5)).toEqual({ p: 0.0625, note: 'cannot reach 5 % with n = 5' });
    expect(noteOf(6)).toEqual({ p: 0.03125, note: null });
  });

  it('takes the noise floor from the second runs of A', () => {
    const blocks = [1.01, 0.99, 1.02, 0.98].map((x, i) =>
      block(i, { ttft_p50_ms: { a: 100, b: 150, again: 100 * x } }),
    );
    const [row] = compareBlocks(blocks, options);
    expect(row?.noiseFloor?.ratio).toBeCloseTo(1, 3);
    expect(row?.noiseFloor).toMatchObject({ blocks: 4 });
    expect(row?.verdict).not.toBe('equivalent');
  });

  it('a server without any spread differs exactly where it differs', () => {
    const fixed = (b: number) =>
      compareBlocks(
        [0, 1, 2].map((i) => block(i, { ttft_p50_ms: { a: 23.000000000000004, b } })),
        { ...options, primary: ['ttft_p50_ms'] },
      )[0]?.verdict;
    expect(fixed(23)).toBe('equivalent');
    expect(fixed(23.1)).toBe('a-better');
  });
});

describe('compareRuns', () => {
  const run = (value: number, half = 0.02) => ({
    value,
    interval: { low: value * (1 - half), high: value * (1 + half) },
  });
  const one = { ...options, primary: ['ttft_p50_ms'] };

  it('one run a side: the spread is that of the runs themselves', () => {
    const sides = { a: [run(100)], b: [run(110)] };
    const [row] = compareRuns(() => sides, one);
    expect(row).toMatchObject({ basis: 'within-run', verdict: 'a-better' });
    // Two intervals of +- 2 % give one of +- 2 % x sqrt 2.
    expect(Number(row?.low)).toBeCloseTo(1.1 * (1 - 0.02 * Math.SQRT2), 2);
  });

  it('one run a side without intervals: no verdict', () => {
    const bare = { value: 100, interval: null };
    const [row] = compareRuns(() => ({ a: [bare], b: [run(200)] }), one);
    expect(row).toMatchObject({ basis: null, p: null, verdict: 'too-few' });
    expect(row?.ratio).toBeCloseTo(2, 12);
  });

  it('several a side: the spread between them, whatever each says of itself', () => {
    const sides = { a: [run(90), run(100), run(112)], b: [run(95), run(105), run(120)] };
    const [row] = compareRuns(() => sides, one);
    expect(row).toMatchObject({ basis: 'two-samples', verdict: 'no-detectable-difference' });
    expect(row?.wilcoxon.note).toBe('cannot reach 5 % with n = 3');
  });
});

describe('regressionGate', () => {
  const resultsOf = (ratio: number, spread = 0.01) =>
    compareBlocks(
      [1, -1, 1, -1, 1, -1, 1, -1].map((sign, i) => {
        const values = { a: 100, b: 100 * ratio * Math.exp(sign * spread) };
        return block(i, { ttft_p50_ms: values, throughput_tok_s: values });
      }),
      {
        ...options,
        primary: ['ttft_p50_ms', 'throughput_tok_s'],
        others: ['tpot_p50_ms'],
      },
    );

  it('fails only where the whole interval is worse by more than the limit', () => {
    expect(regressionGate(resultsOf(1.2), 0.1).regressions).toEqual(['ttft_p50_ms']);
    expect(regressionGate(resultsOf(0.8), 0.1).regressions).toEqual(['throughput_tok_s']);
    expect(regressionGate(resultsOf(1), 0.1).regressions).toEqual([]);
    // Worse by more than 10 %, but the interval is not.
    const wide = resultsOf(1.12, 0.1);
    expect(wide[0]?.ratio).toBeGreaterThan(1.1);
    expect(regressionGate(wide, 0.1).regressions).toEqual([]);
    expect(regressionGate(resultsOf(1.2), 0.3)).toMatchObject({ regressions: [], undecided: [] });
  });

  it('names what could not be decided', () => {
    const results = compareBlocks([block(0, { ttft_p50_ms: { a: 1, b: 2 } })], options);
    expect(regressionGate(results, 0.05).undecided).toEqual(primary);
  });
});

describe('compareToggle', () => {
  const results = compareBlocks(
    drawBlocks(7, 8, 0.005, { ttft_p50_ms: 1.3, tpot_p50_ms: 1, throughput_tok_s: 1.4 }),
    options,
  );

  it('puts what was measured beside what the article expects', () => {
    const toggle = compareToggle('--ubatch-size 512', null, results);
    expect(toggle.optimisation).toBe('bigger batch');
    expect(
      toggle.rows.map(({ aspect, expected, measured }) => [aspect, expected, measured]),
    ).toEqual([
      ['TTFT', 'worse', 'worse'],
      ['TBT', 'worse', 'same'],
      ['throughput', 'better', 'better'],
    ]);
  });

  it.each([
    ['--enable-chunked-prefill', 'chunked prefill'],
    ['--tensor-parallel-size=2', 'more tensor parallelism'],
    ['--quantization fp8', 'FP8'],
    ['--quantization awq', null],
    ['--speculative-config {}', 'speculative decoding'],
    ['--set n_ubatch=64', 'bigger batch'],
    ['--flash-attn', null],
  ])('%s is %s', (flag, expected) =>
    expect(compareToggle(flag, null, results).optimisation).toBe(expected),
  );

  it('believes the user about a flag that it does not know', () => {
    expect(compareToggle('--my-fp8', 'fp8', results).optimisation).toBe('FP8');
    expect(compareToggle('--x', null, []).rows).toEqual([
      { aspect: 'TTFT', metric: 'ttft_p50_ms', expected: null, measured: 'unknown', ratio: null },
      { aspect: 'TBT', metric: 'tpot_p50_ms', expected: null, measured: 'unknown', ratio: null },
      {
        aspect: 'throughput',
        metric: 'throughput_tok_s',
        expected: null,
        measured: 'unknown',
        ratio: null,
      },
    ]);
  });
});
