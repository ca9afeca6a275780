import { describe, expect, it } from 'vitest';
import type { Envelope, LevelSummary } from '../../model/index.ts';
import { createGoldenResults } from '../../testing/index.ts';
import { overloadedCode } from '../keeping-up.ts';
import { checklistOf } from './checklist.ts';

const goldenResults = createGoldenResults();

const golden = (name: string): Envelope => {
  const found = goldenResults.find((result) => result.name === name);
  if (found === undefined) throw new Error(name);
  return found.envelope;
};

/** A result that the article would be content with. */
function byTheBook(): Envelope {
  const envelope = golden('with its method');
  const levels = envelope.levels.map((level) => ({
    ...level,
    windowEndUs: level.windowStartUs + 60_000_000,
    metrics: {
      ...level.metrics,
      values: { ...level.metrics.values, ttft_p99_ms: 280, ttft_p99_9_ms: 310 },
    },
  }));
  const { command, workload } = envelope;
  return {
    ...envelope,
    levels,
    command: { ...command, resolved: { dataset: 'sharegpt-v3' } },
    workload: { ...workload, dataset: 'ShareGPT V3, 10000 turns' },
  };
}

const rowOf = (envelope: Envelope, id: string) => {
  const row = checklistOf(envelope).find((one) => one.id === id);
  if (row === undefined) throw new Error(id);
  return row;
};

const withLevels = (
  change: (level: LevelSummary, i: number) => Partial<LevelSummary>,
): Envelope => {
  const envelope = byTheBook();
  const levels = envelope.levels.map((level, i) => ({ ...level, ...change(level, i) }));
  return { ...envelope, levels };
};

describe('the checklist', () => {
  it('has the ten rows of the article and passes a run by the book', () => {
    const rows = checklistOf(byTheBook());
    expect(rows.map(({ id }) => id)).toEqual([
      'warm-up',
      'open-loop',
      'tails',
      'prompts',
      'sweep',
      'duration',
      'hardware',
      'quantization',
      'batch-size',
      'both-phases',
    ]);
    expect(rows.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    for (const { fact } of rows) expect(fact).toMatch(/\S/);
  });

  it.each(goldenResults)('has ten rows with a fact each: $name', ({ envelope }) => {
    const rows = checklistOf(envelope);
    expect(rows).toHaveLength(10);
    for (const { fact } of rows) expect(fact).not.toMatch(/undefined|NaN|null/);
  });

  it('knows nothing where nothing was measured', () => {
    for (const name of ['failed', 'no levels']) {
      expect(checklistOf(golden(name)).every(({ verdict }) => verdict === 'unknown')).toBe(true);
    }
  });
});

describe('warm-up', () => {
  const withWarmUp = (runs: number, perRun: number, failed: number, gate: number | null) => {
    const envelope = byTheBook();
    const [warmUp] = envelope.method?.warmUps ?? [];
    if (envelope.method === undefined || warmUp === undefined) throw new Error('no method');
    const one = { ...warmUp, runs, requestsPerRun: perRun, failed };
    const gates =
      gate === null
        ? []
        : [
            {
              ...{ gate: 'server-warm' as const, passed: true, requests: gate, elapsedS: 9 },
              ...{ ttftCov: 0.03, tpotCov: 0.02, reason: 'steady' },
            },
          ];
    return { ...envelope, method: { ...envelope.method, warmUps: runs === 0 ? [] : [one], gates } };
  };
  it.each([
    [3, 17, 0, null, 'pass', '51 requests'],
    [3, 16, 0, null, 'fail', '48 requests'],
    [3, 17, 2, null, 'fail', '2 failed'],
    [1, 17, 0, 33, 'pass', '50 requests'],
    [0, 0, 0, null, 'fail', 'no warm-up'],
  ])('%i runs of %i, %i failed, gate %j: %s', (runs, perRun, failed, gate, verdict, fact) => {
    const row = rowOf(withWarmUp(runs, perRun, failed, gate), 'warm-up');
    expect(row.verdict).toBe(verdict);
    expect(row.fact).toContain(fact);
  });
  it('of an old result is unknown', () => {
    const { method: _, ...old } = byTheBook();
    expect(rowOf(old, 'warm-up').verdict).toBe('unknown');
  });
});

describe('open loop', () => {
  const loadOf = (load: Partial<LevelSummary['load']>, inFlightMax: number | null = null) =>
    withLevels((level) => ({
      load: { ...level.load, ...load },
      client:
        inFlightMax === null ? null : ({ figures: { inFlightMax } } as LevelSummary['client']),
    }));
  it.each([
    [
      { kind: 'closed' as const, rateRps: null, arrival: null, maxConcurrency: 8 },
      null,
      'fail',
      'closed loop with 8',
    ],
    [{ arrival: 'constant' }, null, 'fail', 'constant'],
    [{ arrival: 'gamma:0.5' }, null, 'fail', 'gamma:0.5'],
    [{ arrival: 'gamma:1' }, null, 'pass', 'no cap'],
    [{ maxConcurrency: 8 }, 8, 'fail', 'reached'],
    [{ maxConcurrency: 8 }, 7, 'pass', 'not reached'],
    [{ maxConcurrency: 8 }, null, 'unknown', 'cap of 8'],
  ])('%j at most %j in flight: %s', (load, inFlight, verdict, fact) => {
    const row = rowOf(loadOf(load, inFlight), 'open-loop');
    expect(row.verdict).toBe(verdict);
    expect(row.fact).toContain(fact);
  });
});

it('wants a p99.9, and says how many requests one takes', () => {
  const envelope = withLevels((level) => ({
    metrics: { ...level.metrics, values: { ...level.metrics.values, ttft_p99_9_ms: null } },
  }));
  const row = rowOf(envelope, 'tails');
  expect(row.verdict).toBe('fail');
  expect(row.fact).toContain('1000');
});

it.each([
  ['sharegpt-v3', '', '', 'pass'],
  ['jsonl:my.jsonl', '', '', 'pass'],
  ['random', '128', '64', 'fail'],
  ['random', '128:32', '64', 'unknown'],
  ['chat', '500:300', '200:150', 'pass'],
])('prompts of %s, %s in and %s out: %s', (dataset, inputTokens, outputTokens, verdict) => {
  const envelope = byTheBook();
  const workload = { ...envelope.workload, dataset, inputTokens, outputTokens };
  const command = { ...envelope.command, resolved: { dataset } };
  expect(rowOf({ ...envelope, workload, command }, 'prompts').verdict).toBe(verdict);
});

it('takes one rate, or a closed loop, for no sweep', () => {
  const one = withLevels((level) => ({ load: { ...level.load, rateRps: 4 } }));
  expect(rowOf(one, 'sweep')).toMatchObject({ verdict: 'fail', fact: 'one rate, 4 req/s' });
  const closed = withLevels((level) => ({ load: { ...level.load, rateRps: null } }));
  expect(rowOf(closed, 'sweep').verdict).toBe('fail');
  expect(rowOf(byTheBook(), 'sweep').fact).toBe(
    '3 planned rates, 1 to 4 req/s; the first failed at 1',
  );
});

it('wants 60 s of every level but those that were overloaded', () => {
  const short = (findings: LevelSummary['findings']) =>
    withLevels((level, i) =>
      i === 2 ? { windowEndUs: level.windowStartUs + 12_000_000, findings } : {},
    );
  expect(rowOf(short([]), 'duration')).toMatchObject({
    verdict: 'fail',
    fact: '3 levels, 12 to 60 s',
  });
  const overloaded = { code: overloadedCode, severity: 'warning' as const, message: 'queue grew' };
  expect(rowOf(short([overloaded]), 'duration')).toMatchObject({
    verdict: 'pass',
    fact: '2 levels, 60 s each; 1 overloaded and ended early',
  });
});

describe('hardware', () => {
  const withSystem = (over: Partial<NonNullable<Envelope['system']>>) => {
    const envelope = byTheBook();
    if (envelope.system === undefined) throw new Error('no system');
    return { ...envelope, system: { ...envelope.system, ...over } };
  };
  const nobody = { value: null, from: null };
  it.each([
    [{}, 'pass', '2x Golden GPU, interconnect Golden GPU'],
    [{ interconnect: nobody }, 'unknown', '--interconnect'],
    [
      { interconnect: nobody, gpuCount: { value: 1, from: 'machine' as const } },
      'pass',
      '1x Golden GPU',
    ],
    [{ gpu: nobody, gpuCount: nobody }, 'unknown', '--hardware, --gpus'],
    [
      { gpu: nobody, gpuCount: { value: 0, from: 'machine' as const } },
      'pass',
      'Golden CPU, 2 CPUs',
    ],
    [{ gpu: nobody, gpuCount: { value: 0, from: 'given' as const } }, 'unknown', 'as stated'],
  ])('%j: %s', (over, verdict, fact) => {
    const row = rowOf(withSystem(over), 'hardware');
    expect(row.verdict).toBe(verdict);
    expect(row.fact).toContain(fact);
  });
});

it.each([
  ['q4_1', null, 'pass'],
  [null, 'fp8', 'pass'],
  [null, null, 'unknown'],
])('quantisation served %j, stated %j: %s', (quant, quantAsked, verdict) => {
  const envelope = byTheBook();
  const model = { ...envelope.model, quant, quantAsked };
  expect(rowOf({ ...envelope, model }, 'quantization').verdict).toBe(verdict);
});

it('never lets a throughput stand without a latency', () => {
  const bare = withLevels((level) => ({
    metrics: {
      ...level.metrics,
      values: { ...level.metrics.values, itl_p50_ms: null, tpot_p50_ms: null, e2e_p50_ms: null },
    },
  }));
  expect(rowOf(bare, 'batch-size').verdict).toBe('fail');
  expect(rowOf(bare, 'both-phases').verdict).toBe('fail');
  const gapless = withLevels((level) => ({
    metrics: { ...level.metrics, values: { ...level.metrics.values, itl_p50_ms: null } },
  }));
  expect(rowOf(gapless, 'batch-size').fact).toMatch(/ ms p50 (TPOT|E2E)$/);
  expect(rowOf(byTheBook(), 'batch-size').fact).toMatch(
    /^1\.5 in flight on average of 4 slots: \d+(\.\d+)? tok\/s at \d+(\.\d+)? ms p50 ITL$/,
  );
});
