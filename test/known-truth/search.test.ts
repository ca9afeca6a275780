import { describe, expect, test } from 'vitest';
import type { LevelRun, SloTemplate } from '../../src/model/index.ts';
import {
  articleRates,
  type Conduct,
  decideExit,
  findKnees,
  headlineLevel,
  mainKnee,
  noteFirstLaunch,
  repeatLaunches,
  startOfSearch,
  sustain,
  sweepArticle,
  sweepAuto,
  sweepRates,
} from '../../src/protocols/index.ts';
import { createVirtualSender, type SimSpecInput, type VirtualClock } from '../../src/sim/index.ts';
import { conductVirtually, virtualPlanner } from './method-virtual.ts';

/** 4 slots x 200 ms: at most 20 req/s. */
const server: SimSpecInput = { slots: 4, service: { kind: 'constant', ms: 200 } };
const sloOf = (ttftMs: number, quantile = 0.99): SloTemplate => ({
  id: `ttft-${ttftMs}`,
  ttftMs,
  tpotMs: null,
  e2eMs: null,
  quantile,
});
const generous = sloOf(5000);

describe('lengths of levels', () => {
  test('--level-requests is never extended, only marked not proven', async () => {
    const { runs, summaries } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { requests: 100, maxProbes: 3 },
      },
      (conduct) => sweepAuto(conduct, 4),
    );
    for (const [i, run] of runs.entries()) {
      if (summaries[i]?.keepingUp?.verdict === 'falls-behind') continue;
      expect(run.records.filter((r) => r.counted)).toHaveLength(100);
      expect(summaries[i]?.slos?.[0]).toMatchObject({ met: true, verdict: 'not-proven' });
    }
    expect(mainKnee(findKnees(summaries, [generous]), [generous])?.verdict).toBe('not-proven');
  });

  test('--duration is never extended', async () => {
    const { runs, summaries } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { durationS: 20, maxProbes: 2 },
      },
      (conduct) => sweepAuto(conduct, 4),
    );
    for (const run of runs) expect(run.windowEndUs - run.windowStartUs).toBe(20e6);
    expect(summaries[0]?.slos?.[0]).toMatchObject({ verdict: 'not-proven' });
  });

  test('without a length a level goes on until its SLO is proven: 299 requests without a miss', async () => {
    const { summaries } = await conductVirtually(
      { spec: server, slos: [generous], outputTokens: '1', settings: { maxProbes: 1 } },
      (conduct) => sweepAuto(conduct, 2),
    );
    const outcome = summaries[0]?.slos?.[0];
    expect(outcome).toMatchObject({ verdict: 'proven', misses: 0 });
    expect(outcome?.requests).toBeGreaterThanOrEqual(299);
    expect(outcome?.requests).toBeLessThan(500);
  });

  test('and at most to --max-level-duration where it stays undecided', async () => {
    const { runs, summaries } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { maxProbes: 1, maxLevelDurationS: 100 },
      },
      (conduct) => sweepAuto(conduct, 1),
    );
    const [run] = runs;
    expect((run?.windowEndUs ?? 0) - (run?.windowStartUs ?? 0)).toBe(100e6);
    expect(summaries[0]?.slos?.[0]).toMatchObject({ met: true, verdict: 'not-proven' });
  });
});

describe('over-saturated levels', () => {
  test('end by evidence of a growing queue, long before their requests are sent', async () => {
    const { runs, summaries } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { requests: 2000, maxProbes: 1 },
      },
      (conduct) => sweepAuto(conduct, 40),
    );
    expect(runs[0]?.records.length).toBeLessThan(700);
    expect(summaries[0]?.findings.map(({ code }) => code)).toContain('level-overloaded');
    expect(summaries[0]?.keepingUp?.verdict).toBe('falls-behind');
    // Overload is the level's result, not a reason to call it invalid.
    expect(summaries[0]?.findings.filter(({ severity }) => severity === 'invalid')).toEqual([]);
  });

  test('a level at 90 % of the capacity is not one of them, whatever the seed', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { summaries } = await conductVirtually(
        {
          spec: server,
          seed,
          outputTokens: '1',
          settings: { requests: 400, maxProbes: 1 },
          resamples: 2,
        },
        (conduct) => sweepAuto(conduct, 18),
      );
      expect(summaries[0]?.keepingUp?.verdict, `seed ${seed}`).not.toBe('falls-behind');
      expect(summaries[0]?.status).toBe('complete');
    }
  });
});

describe('the search', () => {
  test('starts at the power of two at or below what a burst shows', async () => {
    let startRps = 0;
    await conductVirtually({ spec: server, outputTokens: '1' }, async (conduct) => {
      startRps = await startOfSearch(conduct, 8);
    });
    // 8 requests over 4 slots take 400 ms: 20 req/s.
    expect(startRps).toBe(16);
  });

  test('has a knee for each SLO, for each of its limits, and for all at once', async () => {
    const strict = sloOf(250, 0.9);
    const slos = [strict, generous];
    const { method } = await conductVirtually(
      { spec: server, slos, outputTokens: '1', settings: { requests: 400 } },
      (conduct) => sweepAuto(conduct, 8),
    );
    const knees = method.sweep?.knees ?? [];
    expect(knees.map(({ criterion }) => criterion)).toEqual([
      'ttft-250',
      'ttft-250:ttft',
      'ttft-5000',
      'ttft-5000:ttft',
      'all',
    ]);
    const at = (id: string) => knees.find(({ criterion }) => criterion === id);
    expect(at('all')).toMatchObject({ maxRateRps: at('ttft-250')?.maxRateRps, failedBy: 'slo' });
    expect(at('ttft-5000')?.maxRateRps).toBeGreaterThan(at('ttft-250')?.maxRateRps ?? 0);
    const all = at('all');
    expect((all?.failRps ?? 0) / (all?.maxRateRps ?? 1)).toBeLessThanOrEqual(1.05 + 1e-9);
    expect(method.sweep?.stopped).toContain('bracket');
  });

  test('"no level meets the SLO" is an answer', async () => {
    const slo = sloOf(100);
    const { method, summaries } = await conductVirtually(
      { spec: server, slos: [slo], outputTokens: '1', settings: { requests: 50 } },
      async (conduct) => {
        await sweepAuto(conduct, 8);
        await sustain(conduct, 60);
      },
    );
    expect(method.sweep?.stopped).toContain('not even');
    expect(mainKnee(method.sweep?.knees ?? [], [slo])).toMatchObject({
      maxRateRps: null,
      offeredRps: null,
      verdict: 'refuted',
      failedBy: 'slo',
    });
    expect(method.sustained).toMatchObject({ level: null, rateRps: null, passed: false });
    expect(method.sustained?.reason).toContain('No level meets the SLO');
    expect(headlineLevel(summaries, slo)).not.toBeNull();
  });

  test('of several SLOs a level meets all or none; --fail-on-slo is exit 5', async () => {
    const strict = sloOf(15, 0.9);
    const levelsUnder = (slos: SloTemplate[]) =>
      conductVirtually(
        { spec: server, slos, outputTokens: '1', settings: { requests: 40, gates: 'off' } },
        (conduct) => sweepRates(conduct, [1, 2]),
      );
    const { summaries: levels } = await levelsUnder([generous, strict]);
    expect(levels.map(({ sloMet }) => sloMet)).toEqual([false, false]);
    const facts = { levels, headline: 0, slo: generous, failOnSlo: true, interrupted: false };
    expect(decideExit(facts)).toBe(5);
    const { summaries: met } = await levelsUnder([generous]);
    expect(decideExit({ ...facts, levels: met })).toBe(0);
  });

  test('does not go on downwards where the client is to blame', async () => {
    const { method, summaries } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { requests: 30, gates: 'off' },
      },
      (conduct) => {
        conduct.launchFindings = [
          { code: 'client-bottleneck', severity: 'invalid', message: 'as if starved' },
        ];
        return sweepAuto(conduct, 8);
      },
    );
    expect(summaries.map(({ load }) => load.rateRps)).toEqual([8, 4]);
    expect(method.sweep?.stopped).toContain('client-bottleneck');
    expect(method.sweep?.knees[0]).toMatchObject({ maxRateRps: null, failedBy: 'invalid' });
  });

  test('says that the upper end of its bracket could not be judged', async () => {
    const { method } = await conductVirtually(
      {
        spec: server,
        slos: [generous],
        outputTokens: '1',
        settings: { requests: 30, gates: 'off' },
      },
      (conduct) => {
        let rate = 0;
        const { planner } = conduct;
        conduct.planner = {
          ...planner,
          open(rateRps, length) {
            rate = rateRps;
            return planner.open(rateRps, length);
          },
        };
        const starved = { code: 'client-bottleneck', severity: 'invalid', message: '' } as const;
        Object.defineProperty(conduct, 'launchFindings', {
          get: () => (rate > 5 ? [starved] : []),
        });
        return sweepAuto(conduct, 4);
      },
    );
    expect(method.sweep?.stopped).toMatch(/cannot be judged \(client-bottleneck\)/);
    expect(method.sweep?.knees[0]).toMatchObject({ maxRateRps: 4.9674, failedBy: 'invalid' });
  });

  test('levels ascend, with idle time between them', async () => {
    const { runs, summaries } = await conductVirtually(
      { spec: server, outputTokens: '1', settings: { requests: 30, restS: 5 } },
      (conduct) => sweepRates(conduct, [12, 4, 8]),
    );
    expect(summaries.map(({ load }) => load.rateRps)).toEqual([4, 8, 12]);
    runs.slice(1).forEach((run, i) => {
      const before = runs[i]?.records ?? [];
      const lastEndUs = Math.max(...before.map(({ endUs }) => endUs));
      expect(run.startUs - lastEndUs).toBeGreaterThanOrEqual(5e6);
    });
  });

  test('levels share one stretched plan, and differ in their prompts', async () => {
    const conducted = await conductVirtually(
      { spec: server, outputTokens: '1:0', settings: { requests: 50, gates: 'off' } },
      (conduct) => sweepRates(conduct, [4, 8]),
    );
    const [a, b] = conducted.runs.map(({ records, startUs }) =>
      records.filter((r) => r.counted).map((r) => r.intendedUs - startUs),
    );
    a?.forEach((us, i) => expect(Math.abs(us - 2 * (b?.[i] ?? 0))).toBeLessThan(4));
    expect(new Set(conducted.summaries.map(({ planHash }) => planHash)).size).toBe(2);
  });
});

describe('the article’s ladder', () => {
  const climb = (spec: SimSpecInput, slos: SloTemplate[]) =>
    conductVirtually(
      { spec, slos, outputTokens: '1', settings: { requests: 60, restS: 0 }, resamples: 2 },
      (conduct) => sweepArticle(conduct),
    );

  test('ends behind the first TTFT over the SLO', async () => {
    // One slot of 100 ms: at 5 req/s waiting begins.
    const { method, summaries } = await climb(
      { slots: 1, service: { kind: 'constant', ms: 100 } },
      [sloOf(150)],
    );
    // 60 requests have no p99: the slowest decides.
    expect(method.sweep?.stopped).toMatch(/^TTFT max was .* over 150 ms/);
    const rates = summaries.map(({ load }) => load.rateRps);
    expect(rates).toEqual(articleRates.slice(0, rates.length));
    expect(rates.length).toBeLessThan(5);
  });

  test('is climbed to its end by a server that is fast enough', async () => {
    const { method, summaries } = await climb({ service: { kind: 'constant', ms: 5 } }, []);
    expect(method.sweep?.stopped).toBe('the ladder was climbed to its end');
    expect(summaries).toHaveLength(12);
  });
});

describe('the sustained run', () => {
  const sustainAt = (spec: SimSpecInput) =>
    conductVirtually(
      { spec, slos: [sloOf(1000)], outputTokens: '1', settings: { requests: 100, restS: 0 } },
      async (conduct) => {
        await sweepRates(conduct, [4, 8, 12]);
        await sustain(conduct, 60);
      },
    );

  test('holds the found rate', async () => {
    const { method, summaries } = await sustainAt(server);
    expect(method.sustained).toMatchObject({ rateRps: 12, passed: true, failedRps: [] });
    const level = summaries.at(-1);
    expect(level).toMatchObject({ role: 'sustained', index: method.sustained?.level });
    expect((level?.windowEndUs ?? 0) - (level?.windowStartUs ?? 0)).toBe(60e6);
    expect(headlineLevel(summaries, sloOf(1000))).toBe(level?.index);
  });

  test('steps down and says so where the rate does not hold for long', async () => {
    // Stands still for 3 s within the first sustained run: of its 720 requests some 36 are late.
    const alone = await sustainAt(server);
    const startUs = alone.runs.at(-1)?.windowStartUs ?? 0;
    const freeze = { atMs: startUs / 1000 + 20_000, durationMs: 3000, since: 'start' as const };
    const { method, findings, summaries } = await sustainAt({ ...server, freeze });
    expect(method.sustained).toMatchObject({ passed: true, failedRps: [12] });
    expect(method.sustained?.rateRps).toBeLessThan(12);
    expect(method.sustained?.rateRps).toBeGreaterThanOrEqual(9);
    expect(findings.map(({ code }) => code)).toContain('sustained-stepped-down');
    // The rate that did not hold is not what the run is quoted by.
    const quoted = summaries.find(({ index }) => index === headlineLevel(summaries, sloOf(1000)));
    expect(quoted?.load.rateRps).toBe(method.sustained?.rateRps);
  });
});

describe('several launches', () => {
  test('repeat the sustained run and both ends of the bracket, with seeds of their own', async () => {
    const slo = sloOf(600, 0.9);
    const relaunched: number[] = [];
    let clock: VirtualClock | null = null;
    const conducted: Conduct = await conductVirtually(
      {
        spec: server,
        slos: [slo],
        outputTokens: '1',
        settings: { requests: 300, launches: 3, tolerance: 0.2 },
        ports: {
          relaunch(_launch, seed) {
            relaunched.push(seed);
            if (clock === null) throw new Error('no clock');
            return Promise.resolve({
              readyMs: 1234,
              firstRequestMs: 250,
              // Another server: a tenth slower.
              context: {
                sender: createVirtualSender(
                  { ...server, service: { kind: 'constant', ms: 220 } },
                  clock,
                ),
              },
              planner: virtualPlanner(seed, '1'),
            });
          },
        },
      },
      async (conduct, virtualClock) => {
        clock = virtualClock;
        await sweepAuto(conduct, 8);
        await sustain(conduct, 30);
        noteFirstLaunch(conduct, { readyMs: 1000, firstRequestMs: 200 });
        await repeatLaunches(conduct, 4);
      },
    );
    const { method, summaries } = conducted;
    expect(relaunched).toEqual([43, 44]);
    expect(method.launches.map(({ launch, seed, readyMs }) => [launch, seed, readyMs])).toEqual([
      [1, 42, 1000],
      [2, 43, 1234],
      [3, 44, 1234],
    ]);
    const knee = mainKnee(method.sweep?.knees ?? [], [slo]);
    const later = summaries.filter(({ launch }) => launch === 2);
    expect(later.map(({ role, load }) => [role, load.rateRps])).toEqual([
      ['lower', knee?.maxRateRps],
      ['sustained', method.sustained?.rateRps],
      ['upper', knee?.failRps],
    ]);
    expect(method.warmUps.map(({ launch }) => launch)).toEqual([2, 3]);
    // One value a launch, and Student's t over the three: mean +- 4.3027 s / sqrt(3).
    const e2e = method.acrossLaunches.find(
      ({ role, metric }) => role === 'sustained' && metric === 'e2e_p50_ms',
    );
    const values = (e2e?.values ?? []).map(Number);
    expect(values).toHaveLength(3);
    const mean = values.reduce((sum, v) => sum + v, 0) / 3;
    const s = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2);
    expect(e2e?.mean).toBeCloseTo(mean, 9);
    expect(e2e?.high).toBeCloseTo(mean + (4.302652729911275 * s) / Math.sqrt(3), 6);
  });
});

describe('taking up an interrupted search', () => {
  const slo = sloOf(600, 0.9);
  const options = {
    spec: server,
    slos: [slo],
    outputTokens: '1',
    settings: { requests: 200, restS: 0 },
  };

  test('measures only what is missing, and ends as the whole search would', async () => {
    const whole = await conductVirtually(options, (conduct) => sweepAuto(conduct, 8));
    expect(whole.summaries.length).toBeGreaterThan(4);

    const stop = new AbortController();
    const measured: number[] = [];
    const first = await conductVirtually(
      {
        ...options,
        signal: stop.signal,
        ports: {
          onPlan(plan, level) {
            measured.push(plan.load.rateRps ?? 0);
            // In the middle of the fourth.
            if (level === 3) queueMicrotask(() => stop.abort());
            return Promise.resolve();
          },
        },
      },
      (conduct) => sweepAuto(conduct, 8),
    );
    expect(first.method.sweep?.stopped).toBe('interrupted');
    const kept = new Map<string, LevelRun>(
      first.runs.filter(({ status }) => status === 'complete').map((run) => [run.planHash, run]),
    );
    expect(kept.size).toBeGreaterThanOrEqual(2);

    const again: string[] = [];
    const resumed = await conductVirtually(
      {
        ...options,
        ports: {
          reuse(planHash, index) {
            const run = kept.get(planHash);
            return run === undefined ? null : { run: { ...run, index }, leadIn: null };
          },
          onPlan(plan) {
            again.push(plan.hash);
            return Promise.resolve();
          },
        },
      },
      (conduct) => sweepAuto(conduct, 8),
    );
    const reused = resumed.summaries.filter(({ findings }) =>
      findings.some(({ code }) => code === 'level-reused'),
    );
    expect(reused).toHaveLength(kept.size);
    // Plans of levels that were taken over are stored with the result, too.
    expect(again).toHaveLength(resumed.summaries.length);
    expect(resumed.method.sweep?.knees).toEqual(whole.method.sweep?.knees);
    expect(resumed.method.sweep?.levels).toEqual(whole.method.sweep?.levels);
  });
});
