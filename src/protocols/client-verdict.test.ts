import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IoThreadFigures, LoadFigures, MetricValues } from '../model/index.ts';
import { judgeClient, type VerdictInput } from './client-verdict.ts';

const lag = (p99Ms: number, count = 1000) => ({ count, p50Ms: p99Ms / 4, p99Ms, maxMs: p99Ms * 3 });

const thread = (over: Partial<IoThreadFigures> = {}): IoThreadFigures => ({
  name: 'io-0',
  wallMs: 60_000,
  cpuShare: 0.2,
  cpuWaitShare: 0.01,
  loopBusyShare: 0.2,
  loopTurns: 100_000,
  socketEvents: 400_000,
  loopDelayP99Ms: 1.1,
  loopDelayMaxMs: 4,
  gcPauses: 20,
  gcTotalMs: 30,
  gcMaxPauseMs: 3,
  pacerLag: lag(0.2),
  turn: lag(0.3),
  stampLateP99Ms: 0.2,
  pollingShare: 0.9,
  clockErrorUs: 2,
  sleepsTightened: true,
  socketsMax: 40,
  inFlightMax: 40,
  socketsMissing: 0,
  ...over,
});

const figures = (over: Partial<LoadFigures> = {}): LoadFigures => ({
  transport: 'raw',
  ioThreads: [thread()],
  mainThread: thread({ name: 'main' }),
  helpersLowered: 4,
  sendLag: lag(0.3),
  sent: 1000,
  socketsMax: 40,
  inFlightMax: 40,
  socketsMissing: 0,
  coalescedShare: 0.01,
  unreadBytesMax: 0,
  bodies: { made: 1000, bytes: 1e6, sha256: 'x', ranDry: 0, ranDryMaxMs: 0 },
  ...over,
});

const values: MetricValues = {
  ttft_p50_ms: 55,
  ttft_service_p50_ms: 55,
  itl_p50_ms: 10,
  itl_mean_ms: 10.1,
  e2e_p50_ms: 1050,
};

const judge = (over: Partial<VerdictInput> = {}) =>
  judgeClient({
    figures: figures(),
    values,
    planned: 1000,
    inFlightPlanned: null,
    severalTokensPerChunk: false,
    cutShort: false,
    failedHere: { count: 0, error: null },
    ...over,
  });

describe('judgeClient on healthy runs', () => {
  it('says ok and how large the error may be', () => {
    const verdict = judge();
    expect(verdict.verdict).toBe('ok');
    expect(verdict.errorMs.itl).toBeCloseTo(0.202, 3);
    expect(verdict.errorMs.ttft).toBeCloseTo(0.502, 3);
    expect(verdict.reason).toBe('client error at p99: TTFT 0.5 ms, ITL 0.2 ms');
  });

  it.each<[string, Partial<VerdictInput>]>([
    [
      'a slow server hides more',
      {
        values: { ...values, itl_p50_ms: 45, ttft_p50_ms: 264 },
        figures: figures({ ioThreads: [thread({ stampLateP99Ms: 2 })] }),
      },
    ],
    [
      'rare long garbage collections',
      { figures: figures({ ioThreads: [thread({ gcMaxPauseMs: 20, gcTotalMs: 40 })] }) },
    ],
    [
      'speculative decoding: ITL p50 0 as sent',
      { severalTokensPerChunk: true, values: { ...values, itl_p50_ms: 0.5 } },
    ],
    ['an interrupted level', { figures: figures({ sent: 200 }), cutShort: true }],
    [
      'a closed loop with fewer requests than callers',
      {
        planned: 8,
        inFlightPlanned: 64,
        figures: figures({ sent: 8, inFlightMax: 8, socketsMax: 8 }),
      },
    ],
    [
      'sockets that are opened and closed between the looks at them',
      { figures: figures({ inFlightMax: 9, socketsMax: 8, socketsMissing: 1 }) },
    ],
    [
      'no schedule to be late for',
      {
        planned: null,
        figures: figures({ sendLag: { count: 0, p50Ms: null, p99Ms: null, maxMs: null } }),
      },
    ],
    ['a look in the middle of a burst', { figures: figures({ unreadBytesMax: 2 ** 20 }) }],
    [
      'a few unread chunks on each of many sockets',
      {
        figures: figures({
          unreadBytesMax: 2 ** 20,
          socketsMax: 512,
          inFlightMax: 512,
          ioThreads: [thread({ loopBusyShare: 0.9 })],
        }),
      },
    ],
  ])('ok: %s', (_name, over) => {
    expect(judge(over)).toMatchObject({ verdict: 'ok' });
  });
});

describe('judgeClient names every cause', () => {
  it.each<[string, Partial<VerdictInput>, string, RegExp]>([
    [
      'starved of a core',
      { figures: figures({ ioThreads: [thread({ stampLateP99Ms: 8, cpuWaitShare: 0.4 })] }) },
      'bottleneck',
      /io-0 waited for a core 40 % of the time; .*8 ms too high/,
    ],
    [
      'busy thread',
      {
        figures: figures({
          ioThreads: [thread(), thread({ name: 'io-1', stampLateP99Ms: 3.1, loopBusyShare: 0.97 })],
        }),
      },
      'degraded',
      /io-1 was busy 97 % of the time; .*ITL.*3.1 ms/,
    ],
    [
      'stopped thread',
      {
        figures: figures({ ioThreads: [thread({ stampLateP99Ms: 250, loopDelayMaxMs: 1500 })] }),
      },
      'bottleneck',
      /io-0 stood still for up to 1500 ms; .*250 ms/,
    ],
    [
      'no files left for sockets',
      { failedHere: { count: 123, error: 'connect EMFILE 127.0.0.1:80' } },
      'bottleneck',
      /123 of 1000 requests failed on this side \(connect EMFILE.*ulimit -n/,
    ],
    [
      'garbage collection',
      {
        figures: figures({
          ioThreads: [thread({ stampLateP99Ms: 12, gcMaxPauseMs: 12, gcTotalMs: 3000 })],
        }),
      },
      'bottleneck',
      /garbage collection, up to 12 ms/,
    ],
    [
      'late sends',
      { figures: figures({ sendLag: lag(18) }) },
      'bottleneck',
      /sends left up to 18 ms late/,
    ],
    [
      'somewhat late sends',
      { figures: figures({ sendLag: lag(4) }) },
      'degraded',
      /sends left up to 4 ms late/,
    ],
    [
      'a schedule not kept, in a level of 2 s',
      {
        figures: figures({
          sendLag: { count: 1000, p50Ms: 3100, p99Ms: 5000, maxMs: 5100 },
          ioThreads: [thread({ wallMs: 7000 })],
        }),
      },
      'bottleneck',
      /half of the sends left more than 3100 ms after their time/,
    ],
    ['sends missing', { figures: figures({ sent: 960 }) }, 'bottleneck', /960 of 1000 planned/],
    [
      'too few callers in flight',
      {
        planned: 10_000,
        inFlightPlanned: 512,
        figures: figures({ sent: 10_000, inFlightMax: 415, socketsMax: 415 }),
      },
      'bottleneck',
      /415 of 512 requests were in flight/,
    ],
    [
      'too few sockets',
      { figures: figures({ inFlightMax: 512, socketsMax: 100, socketsMissing: 412 }) },
      'bottleneck',
      /412 of 512 requests in flight had to wait for a socket/,
    ],
    [
      'bodies too late',
      {
        figures: figures({
          bodies: { made: 1000, bytes: 1, sha256: null, ranDry: 50, ranDryMaxMs: 80 },
        }),
      },
      'bottleneck',
      /50 of 1000 sends waited for their body/,
    ],
    [
      'tokens read in bunches',
      {
        values: { ...values, itl_p50_ms: 0.01 },
        figures: figures({ ioThreads: [thread({ loopBusyShare: 0.99 })] }),
      },
      'bottleneck',
      /ITL p50 0.01 ms beside a mean of 10 ms: io-0 was busy 99 %/,
    ],
    [
      'tokens sent in bunches',
      { values: { ...values, itl_p50_ms: 0.01 } },
      'degraded',
      /although the client was idle/,
    ],
    [
      'bytes left unread',
      {
        figures: figures({
          unreadBytesMax: 2 ** 20,
          ioThreads: [thread({ loopBusyShare: 0.9 })],
        }),
      },
      'degraded',
      /1024 KiB had arrived and were not yet read while io-0 was busy 90 %/,
    ],
    [
      'a wrong clock',
      { figures: figures({ ioThreads: [thread({ clockErrorUs: 6000 })] }) },
      'bottleneck',
      /the clock of io-0 may be 6 ms off that of the run; .*6.2 ms too high/,
    ],
  ])('%s', (_name, over, verdict, reason) => {
    const judged = judge(over);
    expect(judged.reason).toMatch(reason);
    expect(judged.verdict).toBe(verdict);
  });

  it('does not condemn a level of a few seconds for one hiccup', () => {
    const hiccup = thread({ stampLateP99Ms: 40, wallMs: 3000 });
    expect(judge({ figures: figures({ ioThreads: [hiccup] }) }).verdict).toBe('degraded');
    const bodies = { made: 1000, bytes: 1, sha256: null, ranDry: 50, ranDryMaxMs: 80 };
    const brief = figures({ ioThreads: [thread({ wallMs: 3000 })], bodies });
    expect(judge({ figures: brief })).toMatchObject({
      verdict: 'degraded',
      reason: expect.stringContaining('50 of 1000 sends waited for their body'),
    });
  });

  it('puts a bottleneck before what is merely degraded', () => {
    const judged = judge({ figures: figures({ sendLag: lag(4), sent: 900 }) });
    expect(judged).toMatchObject({ verdict: 'bottleneck' });
    expect(judged.reason).toContain('900 of 1000');
  });

  it('never gets better when the client gets worse', () => {
    const rank = { ok: 0, degraded: 1, bottleneck: 2 };
    const figure = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(figure, figure, figure, figure, (turn, more, send, moreSend) => {
        const at = (t: number, s: number) =>
          rank[
            judge({
              figures: figures({ ioThreads: [thread({ stampLateP99Ms: t })], sendLag: lag(s) }),
            }).verdict
          ];
        expect(at(turn + more, send + moreSend)).toBeGreaterThanOrEqual(at(turn, send));
      }),
    );
  });
});
