import { describe, expect, it } from 'vitest';
import type { Clock } from '../core/index.ts';
import type { LevelPlan, RequestRecord, Sender } from '../model/index.ts';
import { createVirtualClock } from '../sim/index.ts';
import { type RunLevelOptions, runLevel } from './run-level.ts';

/** A sender whose requests take `serviceMs(index)` and use the clock only. */
function fixedSender(clock: Clock, serviceMs: (index: number) => number, outcome = 'ok'): Sender {
  return {
    transport: 'test',
    close: async () => {},
    async send(request, context) {
      const sentUs = clock.nowUs();
      let cancelled = false;
      try {
        await clock.sleepUntil(sentUs + serviceMs(request.index) * 1000, context.signal);
      } catch {
        cancelled = true;
      }
      return {
        level: context.level,
        index: request.index,
        requestId: context.requestId,
        counted: context.counted,
        intendedUs: context.intendedUs - context.originUs,
        sentUs: sentUs - context.originUs,
        connectUs: 0,
        endUs: clock.nowUs() - context.originUs,
        outcome: cancelled ? 'cancelled' : outcome,
      } as RequestRecord;
    },
  };
}

/** Every `gapMs`, starting after one gap. */
function plan(over: Partial<LevelPlan> & { gapMs?: number } = {}): LevelPlan {
  const { gapMs = 100, ...rest } = over;
  return {
    load: {
      kind: 'open',
      rateRps: 1000 / gapMs,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'constant',
    },
    seed: 1,
    countedRequests: 10,
    durationUs: null,
    at: (index) => ({
      index,
      intendedUs: rest.load?.kind === 'closed' ? null : (index + 1) * gapMs * 1000,
      inputTokens: 1,
      outputTokens: 1,
      prompt: { dataset: 'test', seed: index, row: null },
    }),
    promptText: (request) => `prompt ${request.index}`,
    hash: 'x',
    ...rest,
  };
}

const closed = (callers: number): LevelPlan['load'] => ({
  kind: 'closed',
  rateRps: null,
  concurrencyAsked: null,
  maxConcurrency: callers,
  arrival: null,
});

function run(over: Partial<RunLevelOptions> & { serviceMs?: (index: number) => number } = {}) {
  const clock = createVirtualClock({ startUs: 5_000_000 });
  const { serviceMs = () => 250, ...rest } = over;
  return clock.drive(
    runLevel({
      plan: plan(),
      level: 0,
      clock,
      sender: fixedSender(clock, serviceMs),
      originUs: 1_000_000,
      idPrefix: 'run-0',
      signal: new AbortController().signal,
      tail: true,
      ...rest,
    }),
  );
}

describe('runLevel, open loop', () => {
  it('sends at the intended times whatever the server does', async () => {
    const level = await run();
    const counted = level.records.filter((r) => r.counted);
    expect(counted.map((r) => r.intendedUs)).toEqual(
      Array.from({ length: 10 }, (_, i) => 4_000_000 + (i + 1) * 100_000),
    );
    expect(counted.every((r) => r.sentUs === r.intendedUs)).toBe(true);
    expect(level.status).toBe('complete');
  });

  it('keeps sending, uncounted, until the last counted request has ended', async () => {
    const level = await run();
    const tail = level.records.filter((r) => !r.counted);
    // The last counted one is sent at 1.0 s and ends at 1.25 s: tail sends at 1.1 and 1.2 s.
    expect(tail.map((r) => r.index)).toEqual([10, 11]);
    expect(tail.every((r) => r.outcome === 'cancelled')).toBe(true);
    expect(level.endUs).toBe(4_000_000 + 1_250_000);
    expect(level.windowEndUs).toBe(4_000_000 + 1_000_000 + 1);
  });

  it('counts by intended time when a duration is asked for', async () => {
    const level = await run({ plan: plan({ durationUs: 550_000, countedRequests: 5 }) });
    expect(level.records.filter((r) => r.counted)).toHaveLength(5);
    expect(level.windowEndUs - level.windowStartUs).toBe(550_000);
  });

  it('lets capped requests wait and keeps their intended time', async () => {
    const capped = plan();
    const level = await run({ plan: { ...capped, load: { ...capped.load, maxConcurrency: 1 } } });
    const counted = level.records.filter((r) => r.counted);
    expect(counted).toHaveLength(10);
    // One at a time, 250 ms each: the k-th is sent at 100 + 250 k, intended at 100 (k + 1).
    expect(counted.map((r) => (r.sentUs ?? 0) - 4_000_000)).toEqual(
      counted.map((_, k) => 100_000 + 250_000 * k),
    );
    expect(counted[9]?.intendedUs).toBe(4_000_000 + 1_000_000);
  });

  it('keeps what it has when interrupted, marked partial', async () => {
    const clock = createVirtualClock();
    const interrupt = new AbortController();
    clock.at(480_000, () => {
      interrupt.abort();
      clock.wake();
    });
    const level = await clock.drive(
      runLevel({
        plan: plan(),
        level: 0,
        clock,
        sender: fixedSender(clock, () => 250),
        originUs: 0,
        idPrefix: 'r',
        signal: interrupt.signal,
        tail: true,
      }),
    );
    expect(level.status).toBe('partial');
    expect(level.records.map((r) => r.outcome)).toEqual(['ok', 'ok', 'cancelled', 'cancelled']);
  });

  it('stops early on evidence and says so', async () => {
    const clock = createVirtualClock();
    const level = await clock.drive(
      runLevel({
        plan: plan(),
        level: 0,
        clock,
        sender: fixedSender(clock, () => 10, 'http_error'),
        originUs: 0,
        idPrefix: 'r',
        signal: new AbortController().signal,
        tail: true,
        stopEarly: (records) =>
          records.length >= 3 ? { code: 'x', severity: 'invalid', message: 'm' } : null,
      }),
    );
    expect(level.findings.map((f) => f.code)).toEqual(['x']);
    expect(level.status).toBe('partial');
    expect(level.records).toHaveLength(3);
  });

  it('sends no tail for probes', async () => {
    const level = await run({ tail: false });
    expect(level.records).toHaveLength(10);
    expect(level.status).toBe('complete');
  });
});

describe('runLevel, closed loop', () => {
  it('keeps as many in flight as it has callers, also behind the counted ones', async () => {
    let most = 0;
    const level = await run({
      plan: plan({ load: closed(3) }),
      onSend: (inFlight) => {
        most = Math.max(most, inFlight);
      },
    });
    expect(most).toBe(3);
    const counted = level.records.filter((r) => r.counted);
    expect(counted).toHaveLength(10);
    expect(counted.every((r) => r.intendedUs === r.sentUs)).toBe(true);
    expect(level.status).toBe('complete');
  });

  it('stops at the request count when that comes before the duration', async () => {
    const level = await run({
      plan: plan({ load: closed(2), durationUs: 60_000_000, countedRequests: 5 }),
    });
    expect(level.records.filter((r) => r.counted)).toHaveLength(5);
    expect(level.windowEndUs - level.windowStartUs).toBe(500_001);
  });

  it('ends a duration with every request sent inside it counted', async () => {
    const level = await run({
      plan: plan({
        load: closed(2),
        durationUs: 600_000,
        countedRequests: Number.MAX_SAFE_INTEGER,
      }),
    });
    // Sends at 0, 250 and 500 ms by two callers.
    expect(level.records.filter((r) => r.counted)).toHaveLength(6);
    expect(level.records.filter((r) => r.counted).every((r) => r.outcome === 'ok')).toBe(true);
    expect(level.status).toBe('complete');
  });

  it('keeps no records after the first that succeeded where the caller keeps them', async () => {
    const seen: number[] = [];
    const told: number[] = [];
    const level = await run({
      tail: false,
      keepRecords: false,
      onRecord: (record) => told.push(record.index),
      stopEarly(records) {
        seen.push(records.length);
        return null;
      },
    });
    expect(level.records.map(({ index }) => index)).toEqual([0]);
    expect(Math.max(...seen)).toBe(1);
    expect(told).toHaveLength(10);
    expect(level.status).toBe('complete');
  });
});

describe('runLevel, breath between the sends of a burst', () => {
  /** A millisecond's breath before every third send. */
  function breathing() {
    const clock = createVirtualClock({ startUs: 0 });
    const sender = fixedSender(clock, () => 50);
    let asked = 0;
    const breathe = () => (++asked % 3 === 0 ? clock.sleepUntil(clock.nowUs() + 1000) : null);
    const options = { level: 0, clock, sender, originUs: 0, idPrefix: 'run-0', tail: false };
    const sentUs = async (of: LevelPlan, withBreath: boolean) => {
      const { signal } = new AbortController();
      const breath = withBreath ? { breathe } : {};
      const level = await clock.drive(runLevel({ ...options, plan: of, signal, ...breath }));
      return level.records.map((record) => record.sentUs);
    };
    return { sentUs };
  }

  it('callers of a closed loop begin one after the other, none while another waits', async () => {
    const six = plan({ load: closed(6), countedRequests: 6 });
    expect(await breathing().sentUs(six, false)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await breathing().sentUs(six, true)).toEqual([0, 0, 1000, 1000, 1000, 2000]);
  });

  it('a send of an open loop that is not late waits for nobody', async () => {
    const spread = await breathing().sentUs(plan({ countedRequests: 4 }), true);
    expect(spread).toEqual([100_000, 200_000, 300_000, 400_000]);
  });

  it('sends of an open loop that are due at once breathe', async () => {
    const burst = plan({ countedRequests: 4, gapMs: 0 });
    expect(await breathing().sentUs(burst, true)).toEqual([0, 0, 1000, 1000]);
  });
});
