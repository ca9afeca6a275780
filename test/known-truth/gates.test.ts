import { describe, expect, test } from 'vitest';
import type { LevelRun } from '../../src/model/index.ts';
import {
  type Conduct,
  conductLevel,
  type MethodSettings,
  warmUp,
} from '../../src/protocols/index.ts';
import type { SimSpecInput } from '../../src/sim/index.ts';
import { conductVirtually } from './method-virtual.ts';

/** 200 ms a request when warm: 40 ms to the first token, then 16 steps of 10 ms. */
const server: SimSpecInput = {
  slots: 4,
  prefill: { baseMs: 40, perTokenMs: 0 },
  decode: { kind: 'constant', itlMs: 10 },
};

/** Warm-up and gate (a), then one level, as a run begins. */
function beginRun(
  spec: SimSpecInput,
  settings: Partial<MethodSettings> = {},
  rateRps = 8,
): Promise<Conduct> {
  return conductVirtually(
    { spec, outputTokens: '17', settings: { requests: 100, ...settings } },
    async (conduct) => {
      await warmUp(conduct, 4);
      const plan = conduct.planner.open(rateRps, { requests: 100, durationS: null, salt: 'level' });
      await conductLevel(conduct, plan);
    },
  );
}

const countedFromUs = ([run]: readonly LevelRun[]) =>
  Math.min(...(run?.records ?? []).flatMap((r) => (r.counted ? [r.intendedUs] : [])));

describe('gate (a), one request at a time', () => {
  test('a steady server passes at the first look', async () => {
    const { method, summaries, findings } = await beginRun(server);
    expect(method.gates).toMatchObject([{ gate: 'server-warm', passed: true, requests: 30 }]);
    expect(method.warmUps).toMatchObject([{ runs: 3, requestsPerRun: 17, inFlight: 4, failed: 0 }]);
    expect(findings).toEqual([]);
    expect(summaries).toMatchObject([{ valid: true, leadIn: { passed: true } }]);
    // Every request of the gate is in the result, as long as the server made it.
    const { ttftMs = [], tpotMs = [] } = method.gates[0]?.samples ?? {};
    expect(ttftMs).toHaveLength(30);
    for (const ms of ttftMs) expect(ms).toBeCloseTo(40, 3);
    expect(tpotMs).toHaveLength(30);
    for (const ms of tpotMs) expect(ms).toBeCloseTo(10, 3);
    expect(summaries[0]?.leadIn).not.toHaveProperty('samples');
  });

  test('a server that jitters by 5 % passes', async () => {
    const { method } = await beginRun({ ...server, jitter: 0.05 });
    expect(method.gates).toMatchObject([{ passed: true }]);
    expect(method.gates[0]?.requests).toBeLessThan(60);
  });

  const warmingUp = { factor: 3, forS: 40, since: 'first-request' as const };

  test('a server that warms up over 40 s is not measured before', async () => {
    const { method, runs, summaries } = await beginRun({ ...server, warmUp: warmingUp });
    expect(method.gates).toMatchObject([{ passed: true }]);
    const seen = method.gates[0]?.samples?.ttftMs ?? [];
    expect(seen).toHaveLength(method.gates[0]?.requests ?? 0);
    expect(seen[0]).toBeGreaterThan(60);
    expect(seen.at(-1)).toBeCloseTo(40, 0);
    // The run's origin is the moment of the first request.
    expect(countedFromUs(runs) / 1e6).toBeGreaterThan(40);
    // And what is then measured is the warm server: 40 ms where a slot is free.
    expect(summaries[0]?.metrics.values['ttft_p50_ms']).toBeCloseTo(40, 3);
  });

  test('one that is suddenly faster after 40 s cannot be foreseen, and shows in the window', async () => {
    const spec = { ...server, warmUp: { ...warmingUp, shape: 'step' as const } };
    const { method, summaries } = await beginRun(spec, { warmupRuns: 1 }, 3);
    expect(method.gates).toMatchObject([{ passed: true }]);
    // About 9 of the 33 s are still slow: MSER-5 says how many requests it would leave out.
    expect(summaries[0]?.steady?.cutRequests).toBeGreaterThanOrEqual(10);
    expect(summaries[0]?.steady?.cutRequests).toBeLessThanOrEqual(45);
  });

  test('without gates the same server is measured cold', async () => {
    const { runs, summaries } = await beginRun(
      { ...server, warmUp: warmingUp },
      { gates: 'off', warmupRuns: 0 },
    );
    expect(countedFromUs(runs) / 1e6).toBeLessThan(1);
    expect(summaries[0]?.metrics.values['ttft_p50_ms']).toBeGreaterThan(60);
  });

  test('a server that never settles is reported as such, and measured with that doubt', async () => {
    const { method, findings, summaries } = await beginRun({ ...server, jitter: 0.6 });
    expect(method.gates).toMatchObject([{ passed: false, requests: 120 }]);
    expect(method.gates[0]?.ttftCov).toBeGreaterThan(0.05);
    expect(method.gates[0]?.reason).toContain('not warm within 120 requests');
    expect(findings).toMatchObject([{ code: 'server-not-warm', severity: 'warning' }]);
    expect(summaries).toMatchObject([{ valid: true }]);
  });

  test('with --require-steady its levels are invalid', async () => {
    const { findings, summaries } = await beginRun(
      { ...server, jitter: 0.6 },
      { requireSteady: true },
    );
    expect(findings).toMatchObject([{ code: 'server-not-warm', severity: 'invalid' }]);
    expect(summaries).toMatchObject([{ valid: false }]);
  });

  test('a server that gets faster by 3 % in 30 requests is not warm, though they vary by 1 %', async () => {
    const { method } = await beginRun({ ...server, warmUp: { factor: 2, forRequests: 500 } });
    // The coefficient of variation alone would pass it.
    expect(method.gates[0]?.ttftCov).toBeLessThan(0.05);
    expect(method.gates).toMatchObject([{ passed: false, requests: 120 }]);
    expect(method.gates[0]?.reason).toContain('still drifting');
  });
});

describe('gate (b), the lead-in of a level', () => {
  test('opens in front of a loaded queue, whatever the seed', async () => {
    const outcomes = [];
    for (let seed = 1; seed <= 20; seed++) {
      const { summaries } = await conductVirtually(
        { spec: server, seed, outputTokens: '17', resamples: 2 },
        (conduct) =>
          // 14 of 20 req/s.
          conductLevel(
            conduct,
            conduct.planner.open(14, { requests: 50, durationS: null, salt: 'level' }),
          ),
      );
      outcomes.push(summaries[0]?.leadIn);
    }
    const passed = outcomes.filter((outcome) => outcome?.passed);
    expect(passed.length).toBeGreaterThanOrEqual(19);
    const within = passed.filter((outcome) => (outcome?.elapsedS ?? 60) < 20);
    expect(within.length).toBeGreaterThanOrEqual(15);
  });

  test('leaves out the start: an empty server, and its first requests', async () => {
    const { runs } = await conductVirtually({ spec: server, outputTokens: '17' }, (conduct) =>
      conductLevel(
        conduct,
        conduct.planner.open(14, { requests: 50, durationS: null, salt: 'level' }),
      ),
    );
    const records = runs[0]?.records ?? [];
    const before = records.filter((r) => !r.counted && r.intendedUs < countedFromUs(runs));
    expect(before.length).toBeGreaterThanOrEqual(30);
    expect(records.filter((r) => r.counted)).toHaveLength(50);
  });

  test('cannot settle beyond the capacity, and says that the queue grows', async () => {
    const { summaries } = await beginRun(server, { gates: 'auto' }, 40);
    expect(summaries[0]?.leadIn).toMatchObject({ passed: false });
    expect(summaries[0]?.leadIn?.reason).toContain('the queue grows');
    expect(summaries[0]?.keepingUp?.verdict).toBe('falls-behind');
  });

  test('a level that does not settle is invalid with --require-steady, overload excepted', async () => {
    // 30 completions take longer than the lead-in may.
    const unsettled = await beginRun(server, { requireSteady: true }, 0.3);
    expect(unsettled.summaries[0]?.findings).toContainEqual(
      expect.objectContaining({ code: 'level-not-settled', severity: 'invalid' }),
    );
    const overloaded = await beginRun(server, { requireSteady: true }, 40);
    expect(overloaded.summaries[0]?.findings).toContainEqual(
      expect.objectContaining({ code: 'level-not-settled', severity: 'warning' }),
    );
  });
});
