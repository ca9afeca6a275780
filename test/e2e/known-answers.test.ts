import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MetricValues, RequestRecord } from '../../src/model/index.ts';
import { readLevels } from '../../src/results/index.ts';
import {
  type SimProcess,
  type SimSpecInput,
  spawnSimServer,
  type TruthRecord,
} from '../../src/sim/index.ts';
import {
  bare,
  parseStdout,
  readValidEnvelope,
  runBench,
  type StdoutObject,
  tempDir,
} from './run-bench.ts';
import { runVirtually, type VirtualLoad } from './virtual-run.ts';

const everyStatistic = ['mean', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99_9', 'max'];

function expectAt(values: MetricValues, metric: string, expected: number): void {
  const found = everyStatistic.map((stat) => [stat, values[`${metric}_${stat}_ms`]]);
  expect(found, metric).toEqual(everyStatistic.map((stat) => [stat, expected]));
}

/** 28 ms to the first of 4 tokens (8 in the prompt), 5 ms between them; nobody waits. */
const fixedDelay: SimSpecInput = {
  slots: null,
  prefill: { baseMs: 20, perTokenMs: 1 },
  decode: { kind: 'constant', itlMs: 5 },
};

const shapes: [string, VirtualLoad][] = [
  ['poisson', { rateRps: 50, arrival: 'poisson', requests: 1200 }],
  ['constant', { rateRps: 50, arrival: 'constant', requests: 1200 }],
  ['gamma:0.5', { rateRps: 50, arrival: 'gamma:0.5', requests: 1200 }],
  ['closed loop', { rateRps: null, maxConcurrency: 4, requests: 1200 }],
];

describe('on the virtual clock, exactly', () => {
  test.each(shapes)('a fixed delay is that delay at every percentile: %s', async (_name, load) => {
    const { run, summary } = await runVirtually(fixedDelay, load);
    const { values } = summary.metrics;
    expect(run.status).toBe('complete');
    expect(values).toMatchObject({ requests_ok: 1200, requests_failed: 0, requests_short: 0 });
    for (const metric of ['ttft', 'ttft_service']) expectAt(values, metric, 28);
    for (const metric of ['e2e', 'e2e_service']) expectAt(values, metric, 43);
    for (const metric of ['itl', 'icl', 'tpot']) expectAt(values, metric, 5);
    expectAt(values, 'ntpot', 43 / 4);
    expectAt(values, 'dispatch_lag', 0);
    expect(values['ttft_tail_ratio']).toBe(1);
    expect(values['ttft_p99_adj_ms']).toBe(28);
    expect(summary.findings).toEqual([]);
  });

  test('a closed loop keeps its callers busy, no more and no less', async () => {
    const load = { rateRps: null, maxConcurrency: 4, requests: 1200 };
    const { values } = (await runVirtually(fixedDelay, load)).summary.metrics;
    expect(values['concurrency_reached']).toBeCloseTo(4, 6);
    // Four callers, 43 ms each.
    expect(values['requests_per_s']).toBeCloseTo(4 / 0.043, 0);
  });

  test('a chunk of four tokens is four tokens', async () => {
    const spec: SimSpecInput = {
      ...fixedDelay,
      tokensPerChunk: 4,
      decode: { kind: 'constant', itlMs: 20 },
    };
    const load: VirtualLoad = { rateRps: 20, requests: 1000, outputTokens: '16' };
    const { values, chunkSizes } = (await runVirtually(spec, load)).summary.metrics;
    expectAt(values, 'itl', 5);
    expectAt(values, 'icl', 20);
    expectAt(values, 'tpot', 60 / 12);
    expect(chunkSizes).toEqual({ 4: 4000 });
  });

  test('a freeze of 2 s is in the response latency, and one caller alone does not see it', async () => {
    const spec: SimSpecInput = {
      slots: null,
      prefill: { baseMs: 10, perTokenMs: 0 },
      freeze: { atMs: 8_000, durationMs: 2_000 },
    };
    const uncapped: VirtualLoad = { rateRps: 50, requests: 1000, outputTokens: '1' };
    const capped = (await runVirtually(spec, { ...uncapped, maxConcurrency: 1 })).summary.metrics
      .values;
    // Over 100 of 1000 requests were intended within the freeze, behind the one that it held.
    expect(capped['ttft_p99_ms']).toBeGreaterThan(1_700);
    expect(capped['ttft_p90_ms']).toBeGreaterThan(100);
    expect(capped).toMatchObject({ ttft_service_p50_ms: 10, ttft_service_p99_ms: 10 });
    expect(capped['ttft_service_max_ms']).toBeGreaterThan(2_000);

    const open = (await runVirtually(spec, uncapped)).summary;
    expect(open.metrics.values['ttft_service_p99_ms']).toBeGreaterThan(1_700);

    const alone = { rateRps: null, maxConcurrency: 1, requests: 1000, outputTokens: '1' };
    const closed = (await runVirtually(spec, alone)).summary.metrics.values;
    expect(closed).toMatchObject({ ttft_p99_ms: 10, ttft_service_p99_ms: 10, ttft_max_ms: 2010 });
  });

  test('M/D/1 at half load: mean response by Pollaczek-Khinchine, in flight by Little', async () => {
    const n = 5_000;
    const serviceMs = 10;
    const { summary } = await runVirtually(
      { slots: 1, service: { kind: 'constant', ms: serviceMs } },
      { rateRps: 50, requests: n, outputTokens: '1' },
    );
    const { values } = summary.metrics;
    const rho = 0.5;
    const theory = serviceMs * (1 + rho / (2 * (1 - rho)));
    // Four standard errors of the mean wait, by Daley (1968) for M/M/1, which varies more.
    const error =
      4 *
      serviceMs *
      Math.sqrt((rho * (2 + 5 * rho - 4 * rho ** 2 + rho ** 3)) / (1 - rho) ** 4 / n);
    expect(theory).toBe(15);
    expect(error).toBeLessThan(3.5);
    expect(Math.abs((values['e2e_mean_ms'] as number) - theory)).toBeLessThan(error);
    expect(values['e2e_mean_ms']).toBeLessThan(20 - 1.5);
    const little = (values['offered_rps'] as number) * ((values['e2e_mean_ms'] as number) / 1000);
    expect((values['concurrency_reached'] as number) / little).toBeCloseTo(1, 2);
  });
});

/** A server in a process of its own, gone after the test. */
async function startProcess(spec: SimSpecInput): Promise<SimProcess> {
  const server = await spawnSimServer(spec, { spinMs: 1 });
  onTestFinished(() => server.stop());
  return server;
}

interface Measured {
  object: StdoutObject;
  /** Each counted request with what the server knows of it. */
  pairs: { record: RequestRecord; truth: TruthRecord }[];
}

async function measure(server: SimProcess, argv: readonly string[]): Promise<Measured> {
  const output = join(tempDir(), 'result');
  const { exitCode, out, err } = await runBench([
    ...['run', 'llm.inference', '--endpoint', server.endpoint, '--json', '--no-html'],
    ...['--input-tokens', '8', '--output', output, ...bare, ...argv],
  ]);
  expect(exitCode, err).toBe(0);
  const envelope = readValidEnvelope(output);
  const [level] = await readLevels(output, envelope);
  const truths = new Map((await server.truth()).map((truth) => [truth.requestId, truth]));
  const counted = level?.records.filter((record) => record.counted) ?? [];
  const pairs = counted.map((record) => {
    const truth = truths.get(record.requestId);
    if (truth === undefined) throw new Error(`the server knows nothing of ${record.requestId}`);
    return { record, truth };
  });
  return { object: parseStdout(out), pairs };
}

/** Ways of the two processes apart, and how late this one itself was, milliseconds. */
const statedErrorMs = ({ object }: Measured): number =>
  5 + Number(object.client['eventLoopDelayMaxMs'] ?? 0);

const quantileOf = (values: number[], p: number): number => {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
};

describe('over real sockets, within the client’s stated error of the server’s own log', () => {
  let server: SimProcess;
  beforeAll(async () => {
    server = await spawnSimServer(
      { ...fixedDelay, decode: { kind: 'constant', itlMs: 10 } },
      { spinMs: 1 },
    );
    return () => server.stop();
  });

  const loads: [string, string[]][] = [
    ['poisson', ['--rate', '40', '--arrival', 'poisson']],
    ['constant', ['--rate', '40', '--arrival', 'constant']],
    ['gamma:0.5', ['--rate', '40', '--arrival', 'gamma:0.5']],
    ['closed loop', ['--max-concurrency', '2']],
  ];

  // Whoever takes the cores from client and server at once is in no log: measured again then.
  test.each(loads)('a fixed delay: %s', { retry: 2 }, async (_name, argv) => {
    const measured = await measure(server, [...argv, '--requests', '60', '--output-tokens', '4']);
    const { object, pairs } = measured;
    const { metrics } = object;
    expect(pairs).toHaveLength(60);
    expect(metrics).toMatchObject({ requests_ok: 60, requests_failed: 0 });
    const errorMs = statedErrorMs(measured);
    const lagMs = Number(metrics['dispatch_lag_max_ms']);

    for (const { record, truth } of pairs) {
      const own = (atUs: number | undefined) => ((atUs ?? 0) - truth.receivedUs) / 1000;
      const seen = (atUs: number | null) => ((atUs ?? 0) - (record.sentUs ?? 0)) / 1000;
      // The client sees what the server did, later than it did it, and never before.
      const first = seen(record.firstTokenUs) - own(truth.tokens[0]?.atUs);
      const last = seen(record.lastTokenUs) - own(truth.tokens.at(-1)?.atUs);
      expect(Math.min(first, last)).toBeGreaterThan(-0.2);
      expect(Array.from(record.chunks.tokens)).toEqual(truth.tokens.map((c) => c.tokens));
      expect(record.outputTokensUsage).toBe(truth.outputTokens);
      expect(record.inputTokensUsage).toBe(truth.promptTokens);
    }

    const truthMs = (of: (truth: TruthRecord) => number) =>
      pairs.map(({ truth }) => (of(truth) - truth.receivedUs) / 1000);
    const ttft = truthMs((truth) => truth.tokens[0]?.atUs ?? 0);
    const e2e = truthMs((truth) => truth.tokens.at(-1)?.atUs ?? 0);
    expect(quantileOf(ttft, 0)).toBeGreaterThan(27.9);
    for (const [stat, p] of [
      ['p50', 0.5],
      ['p75', 0.75],
      ['p90', 0.9],
      ['p95', 0.95],
    ] as const) {
      for (const [metric, truths] of [
        ['ttft', ttft],
        ['e2e', e2e],
      ] as const) {
        const truth = quantileOf(truths, p);
        const service = Number(metrics[`${metric}_service_${stat}_ms`]) - truth;
        const response = Number(metrics[`${metric}_${stat}_ms`]) - truth;
        expect(service, `${metric}_service_${stat}`).toBeGreaterThan(-errorMs);
        expect(service, `${metric}_service_${stat}`).toBeLessThan(errorMs);
        expect(response, `${metric}_${stat}`).toBeGreaterThan(-errorMs);
        expect(response, `${metric}_${stat}`).toBeLessThan(errorMs + lagMs);
      }
    }
    // Late reads lengthen one gap and shorten the next: the mean stays.
    const gaps = pairs.flatMap(({ truth: { tokens } }) =>
      tokens.slice(1).map((token, i) => (token.atUs - (tokens[i]?.atUs ?? 0)) / 1000),
    );
    const meanGap = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(meanGap).toBeGreaterThan(9);
    expect(Math.abs(Number(metrics['itl_mean_ms']) - meanGap)).toBeLessThan(errorMs / 3);
  });

  test('a freeze of 2 s under a cap of one in flight', { retry: 2 }, async () => {
    const frozen = await startProcess({
      slots: null,
      prefill: { baseMs: 2, perTokenMs: 0 },
      // Behind preflight, and over 1.4 s before the end of what is measured.
      freeze: { atMs: 1_800, durationMs: 2_000, since: 'first-request' },
    });
    const { object } = await measure(frozen, [
      ...['--rate', '60', '--arrival', 'constant', '--requests', '200', '--output-tokens', '1'],
      ...['--max-concurrency', '1'],
    ]);
    const { metrics, findings } = object;
    expect(metrics['requests_ok']).toBe(200);
    expect(metrics['ttft_p99_ms']).toBeGreaterThan(1_200);
    expect(metrics['ttft_service_p99_ms']).toBeLessThan(500);
    expect(metrics['ttft_service_max_ms']).toBeGreaterThan(1_500);
    expect(findings.map(({ code }) => code)).toContain('waited-for-slot');
  });

  const usages: [string, SimSpecInput['wire'], string][] = [
    ['running usage', { usage: 'continuous' }, 'continuous-usage'],
    ['usage at the end and /tokenize', { usage: 'separate' }, 'tokenizer'],
  ];
  test.each(usages)(
    'chunks of four tokens, counted by %s',
    { retry: 2 },
    async (_name, wire, source) => {
      const chunky = await startProcess({
        ...fixedDelay,
        tokensPerChunk: 4,
        decode: { kind: 'constant', itlMs: 20 },
        ...(wire && { wire }),
      });
      const measured = await measure(chunky, [
        ...['--rate', '30', '--arrival', 'constant', '--requests', '20', '--output-tokens', '16'],
      ]);
      const { metrics } = measured.object;
      for (const { record } of measured.pairs) {
        expect(record.tokenSource).toBe(source);
        expect(Array.from(record.chunks.tokens)).toEqual([4, 4, 4, 4]);
      }
      const errorMs = statedErrorMs(measured);
      expect(Math.abs(Number(metrics['icl_mean_ms']) - 20)).toBeLessThan(errorMs / 3);
      expect(Math.abs(Number(metrics['itl_mean_ms']) - 5)).toBeLessThan(errorMs / 12);
    },
  );
});
