import { createRng } from '../../core/index.ts';
import { compareBlocks, compareToggle, regressionGate } from '../../metrics/index.ts';
import type { Comparison, ComparisonBlock } from '../../model/index.ts';
import { sampleNormal } from '../../stats/index.ts';

const primary = ['ttft_p50_ms', 'tpot_p50_ms', 'throughput_tok_s'];

/** A comparison as `bench compare --toggle ... --aa --max-regression 5` leaves one; made-up values. */
export function makeComparison(over: Partial<Comparison> = {}): Comparison {
  const rng = createRng(11, 'comparison fixture');
  const draw = (mean: number, sigma: number) => mean * Math.exp(sigma * sampleNormal(rng));
  const blocks: ComparisonBlock[] = Array.from({ length: 8 }, (_, index) => {
    const again = { again: draw(212, 0.02) };
    return {
      index,
      order: index % 2 === 0 ? ['A', 'B', 'again'] : ['B', 'A', 'again'],
      valid: index !== 5,
      reason: index === 5 ? 'B: error-share-high: 4 of 40 requests failed.' : null,
      planHash: 'c'.repeat(64),
      values: {
        ttft_p50_ms: { a: draw(212, 0.02), b: draw(143, 0.03), ...again },
        tpot_p50_ms: { a: draw(21, 0.01), b: draw(21.1, 0.01), again: draw(21, 0.01) },
        throughput_tok_s: { a: draw(96, 0.09), b: draw(95, 0.09), again: draw(96, 0.09) },
        e2e_p50_ms: { a: draw(1530, 0.02), b: draw(1460, 0.02), again: draw(1530, 0.02) },
      },
    };
  });
  const results = compareBlocks(blocks, { primary, others: ['e2e_p50_ms'], marginShare: 0.05 });
  return {
    schema: 'inferencebench.comparison.v1',
    comparisonId: '01JCOMPARE',
    startedAt: '2026-11-01T10:00:00.000Z',
    endedAt: '2026-11-01T10:20:00.000Z',
    status: 'complete',
    exitCode: 0,
    tool: { name: 'inferencebench', version: '0.1.0' },
    command: { argv: ['bench', 'compare', '--engine', 'llama.cpp'], resolved: {} },
    seed: 42,
    design: 'paired',
    replication: 'relaunched',
    sides: [
      {
        label: 'A',
        describe: 'llama.cpp b6000, smollm2-135m @ Q4_1',
        results: ['runs/block-01-a'],
      },
      {
        label: 'B',
        describe: 'llama.cpp b6000, smollm2-135m @ Q4_1: --set n_ubatch=512',
        results: ['runs/block-01-b'],
      },
    ],
    load: 'closed, 4 in flight',
    planHash: 'd'.repeat(64),
    blocksAsked: 8,
    blocks,
    results,
    gate: regressionGate(results, 0.05),
    toggle: compareToggle('--set n_ubatch=512', null, results),
    mismatches: [
      { field: 'engine settings', a: '--threads 1', b: '--threads 1 n_ubatch=512', allowed: true },
    ],
    findings: [
      {
        code: 'blocks-left-out',
        severity: 'warning',
        message: '1 of 8 blocks are not valid and are left out.',
      },
    ],
    error: null,
    ...over,
  };
}
