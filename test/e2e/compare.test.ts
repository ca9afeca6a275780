import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/index.ts';
import { startModelList, startSim } from './bad-servers.ts';
import { runBench, tempDir } from './run-bench.ts';
import { spawnCli, untilRequests } from './spawn-cli.ts';

const load = [
  ...['--max-concurrency', '2', '--requests', '6', '--warmup-requests', '2', '--rest', '0'],
  ...['--input-tokens', '8', '--output-tokens', '6'],
  // A busy machine makes blocks invalid, rightly; here the chain is looked at, not the machine.
  '--allow-client-bottleneck',
];

const verdictsOf = (comparison: Comparison) =>
  Object.fromEntries(
    comparison.results.filter((row) => row.primary).map((row) => [row.metric, row.verdict]),
  );

describe('two running servers', { timeout: 240_000 }, () => {
  test('that differ: both differences are found, in the right direction', async () => {
    const slow = await startSim({ prefill: { baseMs: 600, perTokenMs: 0 } });
    const fast = await startSim({ prefill: { baseMs: 20, perTokenMs: 0 } });
    const output = join(tempDir(), 'compared');
    const args = ['compare', slow.endpoint, fast.endpoint, ...load, '--blocks', '4'];
    const metrics = ['--metrics', 'ttft_p50_ms'];
    const ran = await runBench([...args, ...metrics, '--output', output, '--json']);
    expect(ran.exitCode, ran.err).toBe(0);
    const comparison = JSON.parse(ran.out) as Comparison;
    expect(comparison).toMatchObject({
      schema: 'inferencebench.comparison.v1',
      status: 'complete',
      design: 'paired',
      replication: 'single-launch',
      load: 'closed, 2 in flight',
      error: null,
    });
    expect(comparison.blocks.map(({ order }) => order.join(''))).toEqual(['AB', 'BA', 'AB', 'BA']);
    expect(comparison.blocks.every(({ valid }) => valid)).toBe(true);
    expect(comparison.planHash).toMatch(/^[0-9a-f]{64}$/);
    expect(verdictsOf(comparison)).toEqual({ ttft_p50_ms: 'b-better' });
    expect(comparison.results[0]?.wilcoxon.note).toBe('cannot reach 5 % with n = 4');
    expect(comparison.findings.map(({ code }) => code)).toContain('single-launch');

    // The same file on disk; every measurement is a result of its own, with the same requests.
    const stored = JSON.parse(readFileSync(join(output, 'comparison.json'), 'utf8')) as Comparison;
    expect({ ...stored, outputDir: output }).toEqual(JSON.parse(ran.out));
    const run = await runBench(['show', join(output, 'runs/block-01-a'), '--json']);
    expect(JSON.parse(run.out).metrics.ttft_p50_ms).toBe(
      stored.blocks[0]?.values['ttft_p50_ms']?.a,
    );
    expect(readFileSync(join(output, 'compare.html'), 'utf8')).toMatch(
      /^<!doctype html>[\s\S]*<svg/,
    );

    const table = await runBench(['show', output]);
    expect(table.exitCode, table.err).toBe(0);
    expect(table.out).toMatch(/Time to first token p50: B is better: B −\d/);
    const markdown = await runBench(['report', output, '--format', 'markdown']);
    expect(markdown.out).toMatch(/^## B is better in [\s\S]*\| `ttft_p50_ms` \|/);
  });

  test('that do not differ, A measured against itself too, are not called different', async () => {
    const [a, b] = [await startSim({ jitter: 0.2 }), await startSim({ jitter: 0.2, seed: 2 })];
    const args = ['compare', a.endpoint, b.endpoint, ...load, '--blocks', '3', '--aa', '--json'];
    // Tokens that a busy client reads at once have no time between them; TTFT always has one.
    const gate = ['--metrics', 'ttft_p50_ms', '--max-regression', '90'];
    const ran = await runBench([...args, ...gate]);
    expect(ran.exitCode, ran.err).toBe(0);
    const comparison = JSON.parse(ran.out) as Comparison;
    expect(comparison.blocks.map(({ order }) => order.length)).toEqual([3, 3, 3]);
    for (const row of comparison.results.filter(({ primary }) => primary)) {
      expect(row.noiseFloor?.blocks).toBe(3);
      expect(row.n).toEqual({ a: 3, b: 3 });
    }
    // What three noisy pairs say is chance; that no gate fails on it is not.
    expect(comparison.gate).toMatchObject({ regressions: [], undecided: [] });
  });

  test('engine against engine is refused: neither can be started anew from here', async () => {
    const llama = await startSim({ routes: { props: true } });
    const vllm = await startModelList('vllm');
    const ran = await runBench(['compare', llama.endpoint, vllm, ...load, '--json']);
    expect(ran.exitCode).toBe(2);
    expect(JSON.parse(ran.out).error.code).toBe('USAGE_COMPARE_LAUNCHES');
    expect(ran.err).toMatch(/three times/);
    expect(llama.requests).toBe(0);
  });

  test('one server against itself gets prompts of its own in each turn', async () => {
    const sim = await startSim({ prefixCache: { blockTokens: 4 } });
    const ran = await runBench([
      ...['compare', sim.endpoint, sim.endpoint, ...load, '--blocks', '3', '--json'],
    ]);
    expect(ran.exitCode, ran.err).toBe(0);
    const comparison = JSON.parse(ran.out) as Comparison;
    expect(comparison.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['single-launch', 'same-configuration', 'prompts-differ']),
    );
    expect(comparison.planHash).toBeNull();
  });

  test('a server that dies ends the comparison; whole blocks are kept', async () => {
    const steady = await startSim();
    // A turn sends 14 requests: it fails within the fourth block, and from there on.
    const dying = await startSim({ faults: [{ kind: 'http', when: { from: 50 } }] });
    const output = join(tempDir(), 'compared');
    const args = ['compare', steady.endpoint, dying.endpoint, ...load, '--blocks', '6'];
    const ran = await runBench([...args, '--output', output, '--json']);
    expect(ran.exitCode, ran.err).toBe(4);
    const comparison = JSON.parse(ran.out) as Comparison;
    expect(comparison).toMatchObject({ status: 'partial', exitCode: 4 });
    expect(comparison.error?.code).toBe('TARGET_ALL_FAILED');
    expect(comparison.blocks.filter(({ valid }) => valid).length).toBeGreaterThanOrEqual(3);
    expect(comparison.blocks.length).toBeLessThan(6);
    const shown = await runBench(['show', output]);
    expect(shown.out).toMatch(/PARTIAL[\s\S]*TARGET_ALL_FAILED/);
  });
});

describe('a comparison that is interrupted', { timeout: 240_000 }, () => {
  test('keeps its whole blocks, and --resume measures only the others', async () => {
    const a = await startSim({ prefill: { baseMs: 40, perTokenMs: 0 } });
    const b = await startSim({ prefill: { baseMs: 60, perTokenMs: 0 } });
    const dir = tempDir();
    const [first, second] = [join(dir, 'first'), join(dir, 'second')];
    const args = ['compare', a.endpoint, b.endpoint, ...load, '--blocks', '4', '--json'];
    const cli = spawnCli([...args, '--output', first]);
    // A turn is about a dozen requests: by then the third block is under way.
    await untilRequests(cli, b, 32);
    cli.child.kill('SIGINT');
    const { code, out, err } = await cli.ended;
    expect(code, err).toBe(130);
    expect(err).toContain('SIGINT: stopping; whole blocks are kept');
    expect(err).toMatch(/[1-3] of 4 blocks? were measured; the same command with --resume /);
    const partial = JSON.parse(out) as Comparison;
    expect(partial).toMatchObject({ status: 'partial', exitCode: 130, error: null });
    const kept = partial.blocks.length;
    expect(kept).toBeGreaterThanOrEqual(1);
    expect(kept).toBeLessThan(4);
    expect(partial.sides.map(({ results }) => results.length)).toEqual([kept, kept]);

    const asked = b.requests;
    const resume = ['--resume', first, '--output', second];
    const ran = await runBench([...args, ...resume]);
    expect(ran.exitCode, ran.err).toBe(0);
    const whole = JSON.parse(ran.out) as Comparison;
    expect(whole).toMatchObject({ status: 'complete', load: 'closed, 2 in flight' });
    expect(whole.blocks.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    // The very same numbers, and no request more than the other blocks take.
    expect(whole.blocks.slice(0, kept)).toEqual(partial.blocks);
    expect(b.requests - asked).toBeLessThan(16 * (4 - kept) + 6);
    expect(whole.findings.map((finding) => finding.code)).toContain('comparison-resumed');
    // Each block names its results, wherever they lie.
    for (const { results } of whole.sides) {
      expect(results).toHaveLength(4);
      for (const result of results) {
        const shown = await runBench(['show', join(second, result), '--json']);
        expect(shown.exitCode, shown.err).toBe(0);
      }
    }

    const other = await runBench([...args, '--resume', first, '--seed', '8']);
    expect(other.exitCode).toBe(2);
    expect(JSON.parse(other.out).error).toMatchObject({
      code: 'USAGE_RESUME',
      message: expect.stringContaining('the seed'),
    });
    const swapped = await runBench([
      ...['compare', b.endpoint, a.endpoint, ...load, '--blocks', '4', '--resume', first],
    ]);
    expect(swapped.exitCode).toBe(2);
    expect(swapped.err).toContain('USAGE_RESUME');
  });
});

describe('stored results', { timeout: 240_000 }, () => {
  async function measure(endpoint: string, output: string, more: string[] = [], tokens = '6') {
    const own = load.with(load.indexOf('--output-tokens') + 1, tokens);
    const args = ['run', 'llm.inference', '--endpoint', endpoint, '--output', output];
    const ran = await runBench([...args, ...own, '--gates', 'off', '--warmup-runs', '1', ...more]);
    expect(ran.exitCode, ran.err).toBe(0);
  }

  test('several of each, a gate, refused mismatches', async () => {
    const dir = tempDir();
    const fast = await startSim({ prefill: { baseMs: 20, perTokenMs: 0 }, jitter: 0.1 });
    const slow = await startSim({ prefill: { baseMs: 600, perTokenMs: 0 }, jitter: 0.1 });
    mkdirSync(join(dir, 'old'));
    for (const i of [1, 2, 3]) {
      await measure(fast.endpoint, join(dir, 'old', `run${i}`), ['--seed', `${i}`]);
      await measure(slow.endpoint, join(dir, `new${i}`), ['--seed', `${i}`]);
    }
    const [old, fresh] = [join(dir, 'old'), [1, 2, 3].map((i) => join(dir, `new${i}`)).join(',')];
    const gate = ['--max-regression', '20', '--json'];
    const worse = await runBench(['compare', old, fresh, ...gate, '--output', join(dir, 'c1')]);
    expect(worse.exitCode, worse.err).toBe(5);
    const comparison = JSON.parse(worse.out) as Comparison;
    expect(comparison).toMatchObject({ design: 'stored', status: 'complete', exitCode: 5 });
    expect(comparison.gate?.regressions).toContain('ttft_p50_ms');
    expect(comparison.results[0]).toMatchObject({
      basis: 'two-samples',
      n: { a: 3, b: 3 },
      verdict: 'a-better',
    });
    expect(comparison.sides[0].results).toHaveLength(3);
    // One running server measured three times is three runs, and no launch is in their intervals.
    expect(comparison.sides[0].describe).toContain('3 runs');
    expect(comparison.findings.map(({ code }) => code)).toContain('single-launch');

    // The other way round it is an improvement.
    const better = await runBench(['compare', fresh, old, ...gate, '--output', join(dir, 'c2')]);
    expect(better.exitCode, better.err).toBe(0);

    // One against several, and the results given one by one.
    const named = [
      '--a',
      join(dir, 'old/run1'),
      '--a',
      join(dir, 'old/run2'),
      '--b',
      join(dir, 'new1'),
    ];
    const single = await runBench(['compare', ...named, '--json', '--output', join(dir, 'c3')]);
    expect(single.exitCode, single.err).toBe(0);
    expect(JSON.parse(single.out).results[0]).toMatchObject({
      basis: 'one-against-several',
      n: { a: 2, b: 1 },
    });

    await measure(fast.endpoint, join(dir, 'other'), [], '9');
    const refused = await runBench([
      'compare',
      old,
      join(dir, 'other'),
      '--output',
      join(dir, 'c4'),
    ]);
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toMatch(/output tokens: 6 against 9[\s\S]*USAGE_CONTEXT_MISMATCH/);
    const forced = await runBench([
      ...['compare', old, join(dir, 'other'), '--force', '--json', '--output', join(dir, 'c5')],
    ]);
    expect(forced.exitCode, forced.err).toBe(0);
    expect(JSON.parse(forced.out).mismatches).toContainEqual({
      field: 'output tokens',
      a: '6',
      b: '9',
      allowed: true,
    });
  });

  test('results that share no load', async () => {
    const dir = tempDir();
    const sim = await startSim();
    await measure(sim.endpoint, join(dir, 'a'));
    const ran = await runBench(['compare', join(dir, 'a'), join(dir, 'a'), '--rate', '7']);
    expect(ran.exitCode).toBe(2);
    expect(ran.err).toMatch(/no valid level of rate 7[\s\S]*They have: a: closed, 2 in flight/);
  });
});
