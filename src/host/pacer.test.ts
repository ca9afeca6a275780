import { describe, expect, it } from 'vitest';
import { createPacer } from './pacer.ts';
import { parseTcpTable } from './pacer-backlog.ts';
import { calibrateThread, lowerHelperThreads, readThreadId } from './pacer-thread.ts';
import { watchThread } from './pacer-watch.ts';

describe('createPacer', () => {
  it('never ends a sleep early, whether near or far, and tells the lag', async () => {
    const lags: number[] = [];
    const pacer = createPacer({ onLag: (us) => lags.push(us) });
    for (const aheadUs of [-500, 0, 40, 900, 2500, 9000]) {
      const atUs = pacer.nowUs() + aheadUs;
      await pacer.sleepUntil(atUs);
      expect(pacer.nowUs()).toBeGreaterThanOrEqual(atUs);
    }
    expect(lags).toHaveLength(6);
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(0);
  });

  it('does not take the idle time between two sleeps for time away from the sockets', async () => {
    let awayUs = 0;
    const pacer = createPacer({
      onTurn: () => {},
      onAway: (us) => {
        awayUs += us;
      },
    });
    const startUs = pacer.nowUs();
    for (let i = 1; i <= 4; i++) await pacer.sleepUntil(startUs + i * 200_000);
    // 0.8 s of which the loop slept nearly all; the bound leaves room for a busy machine.
    expect(awayUs).toBeLessThan(400_000);
  });

  it('ends sleeps in the order of their due times, whatever order they began in', async () => {
    const pacer = createPacer();
    const startUs = pacer.nowUs() + 4000;
    const order: number[] = [];
    const due = [3, 1, 2, 0, 2, 5];
    await Promise.all(
      due.map((i) => pacer.sleepUntil(startUs + i * 300).then(() => order.push(i))),
    );
    expect(order).toEqual([0, 1, 2, 2, 3, 5]);
  });

  it('rejects with the reason of the signal, and wakes nobody else', async () => {
    const pacer = createPacer();
    const abort = new AbortController();
    const reason = new Error('enough');
    const far = pacer.sleepUntil(pacer.nowUs() + 60e6, abort.signal);
    const near = pacer.sleepUntil(pacer.nowUs() + 3000);
    abort.abort(reason);
    await expect(far).rejects.toBe(reason);
    await expect(pacer.sleepUntil(0, abort.signal)).rejects.toBe(reason);
    await near;
  });

  it('keeps the zero that it is given', () => {
    const pacer = createPacer({ offsetUs: 5e9 });
    expect(pacer.nowUs() - 5e9).toBeCloseTo(performance.now() * 1000, -4);
  });

  it('serves the event loop while it naps, and polls on demand', async () => {
    let turns = 0;
    const pacer = createPacer({ onTurn: () => turns++ });
    let timers = 0;
    const interval = setInterval(() => timers++, 1);
    await pacer.sleepUntil(pacer.nowUs() + 30_000);
    expect(timers).toBeGreaterThan(3);
    turns = 0;
    pacer.setPolling(100);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(turns).toBeGreaterThan(10);
    expect(pacer.napUs()).toBeGreaterThan(1000);
    pacer.setPolling(0);
    clearInterval(interval);
  });

  it('tells how long a turn was that began with a look at the clock', async () => {
    const turns: number[] = [];
    const pacer = createPacer({ onTurn: (us) => turns.push(us) });
    await new Promise((resolve) => setTimeout(resolve, 1));
    const untilUs = pacer.nowUs() + 3000;
    while (pacer.nowUs() < untilUs);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(turns).toHaveLength(1);
    expect(turns[0]).toBeGreaterThanOrEqual(3000);
  });

  it('ends what is due from another callback', async () => {
    const pacer = createPacer();
    let ended = false;
    void pacer.sleepUntil(pacer.nowUs() + 1500).then(() => {
      ended = true;
    });
    const untilUs = pacer.nowUs() + 2000;
    while (pacer.nowUs() < untilUs);
    expect(pacer.check()).toBe(true);
    await Promise.resolve();
    expect(ended).toBe(true);
    expect(pacer.check()).toBe(false);
  });
});

describe('the thread under the pacer', () => {
  it('finds its zero on the clock of all threads', () => {
    const { hrNs, errorUs } = calibrateThread(200);
    const offUs = Number(process.hrtime.bigint() - hrNs) / 1000 - performance.now() * 1000;
    expect(errorUs).toBeLessThan(100);
    expect(Math.abs(offUs)).toBeLessThan(5000);
  });

  it('watches itself: work shows as time on a core and a busy loop, naps do not', async () => {
    const watch = watchThread('test');
    const untilMs = performance.now() + 40;
    while (performance.now() < untilMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const figures = watch.read();
    watch.stop();
    expect(figures.wallMs).toBeGreaterThan(45);
    expect(figures.loopBusyShare).toBeGreaterThan(0.1);
    expect(watch.read(figures.wallMs * 2000).loopBusyShare).toBe(0);
    if (process.platform === 'linux') expect(figures.cpuShare).toBeGreaterThan(0.05);
  });

  it('notices that it stood still, and for how long', async () => {
    const watch = watchThread('test');
    await new Promise((resolve) => setTimeout(resolve, 30));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const stalls = watch.stalls();
    watch.stop();
    const longest = Math.max(...stalls.map(({ ms }) => ms));
    expect(longest).toBeGreaterThan(180);
    expect(stalls.find(({ ms }) => ms === longest)?.times).toBe(1);
  });

  it.runIf(process.platform === 'linux')('knows its id, and moves helpers behind', () => {
    expect(readThreadId()).toBeGreaterThan(0);
    expect(lowerHelperThreads()).toBeGreaterThan(0);
  });
});

describe('parseTcpTable', () => {
  it('sums what is unread on established connections to the port', () => {
    // Rows of /proc/net/tcp of Linux 6.18: a listener, two clients' ends, one server's end.
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1
   1: 0100007F:A1B2 0100007F:1F90 01 00000000:0000012C 00:00000000 00000000     0        0 12 1
   2: 0100007F:A1B3 0100007F:1F90 01 00000000:00000010 00:00000000 00000000     0        0 13 1
   3: 0100007F:1F90 0100007F:A1B2 01 00000000:00000FFF 00:00000000 00000000     0        0 14 1
   4: 0100007F:A1B4 0100007F:1F90 06 00000000:00000FFF 00:00000000 00000000     0        0 15 1
`;
    expect(parseTcpTable(table, 8080)).toEqual({ connections: 2, unreadBytes: 316 });
    expect(parseTcpTable('', 8080)).toEqual({ connections: 0, unreadBytes: 0 });
  });
});
