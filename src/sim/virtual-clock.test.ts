import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleepMs } from '../core/index.ts';
import { createEventQueue } from './agenda.ts';
import { createVirtualClock } from './virtual-clock.ts';

describe('createEventQueue', () => {
  it('runs entries by time, equal times by registration, and never a cancelled one', () => {
    const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()));
    fc.assert(
      fc.property(entries, (list) => {
        const queue = createEventQueue();
        const ran: number[] = [];
        list.forEach(([atUs, cancelled], i) => {
          const entry = queue.push(atUs, () => ran.push(i));
          if (cancelled) entry.cancel();
        });
        while (queue.runNext());
        const expected = list
          .map(([atUs, cancelled], i) => ({ atUs, cancelled, i }))
          .filter((entry) => !entry.cancelled)
          .sort((a, b) => a.atUs - b.atUs || a.i - b.i)
          .map((entry) => entry.i);
        expect(ran).toEqual(expected);
        expect(queue.nextUs()).toBeNull();
      }),
    );
  });
});

describe('createVirtualClock', () => {
  it('interleaves sleepers in time order and stands at exactly the time slept to', async () => {
    const clock = createVirtualClock();
    const log: string[] = [];
    const walk = async (name: string, stepMs: number) => {
      for (let i = 1; i <= 3; i++) {
        await sleepMs(clock, stepMs);
        log.push(`${name}${clock.nowUs() / 1000}`);
      }
    };
    await clock.drive(Promise.all([walk('a', 20), walk('b', 30)]));
    expect(log).toEqual(['a20', 'b30', 'a40', 'b60', 'a60', 'b90']);
    expect(clock.wallMs() - 1_700_000_000_000).toBe(90);
  });

  it('lets a long chain of continuations finish before time goes on', async () => {
    const clock = createVirtualClock();
    let seenUs = -1;
    clock.at(2000, () => {});
    const work = async () => {
      await clock.sleepUntil(1000);
      for (let i = 0; i < 500; i++) await Promise.resolve();
      seenUs = clock.nowUs();
    };
    await clock.drive(Promise.all([work(), clock.sleepUntil(3000)]));
    expect(seenUs).toBe(1000);
  });

  it('leaves later events alone once the driven work is done', async () => {
    const clock = createVirtualClock();
    let ran = false;
    clock.at(5000, () => {
      ran = true;
    });
    expect(await clock.drive(clock.sleepUntil(1000).then(() => 'x'))).toBe('x');
    expect([ran, clock.nowUs()]).toEqual([false, 1000]);
    await clock.advanceTo(4999);
    expect([ran, clock.nowUs()]).toEqual([false, 4999]);
    await clock.run();
    expect([ran, clock.nowUs()]).toEqual([true, 5000]);
  });

  it('rejects an aborted sleep with its reason, at once and later', async () => {
    const clock = createVirtualClock();
    await expect(clock.sleepUntil(10, AbortSignal.abort('early'))).rejects.toBe('early');
    const controller = new AbortController();
    clock.at(500, () => controller.abort('late'));
    await expect(clock.drive(clock.sleepUntil(1000, controller.signal))).rejects.toBe('late');
    expect(clock.nowUs()).toBe(500);
  });

  it('passes on what the work throws, and says when it can never end', async () => {
    const clock = createVirtualClock({ stuckAfterMs: 5 });
    const failing = sleepMs(clock, 1).then(() => Promise.reject(new Error('mine')));
    await expect(clock.drive(failing)).rejects.toThrow('mine');
    await expect(clock.drive(new Promise(() => {}))).rejects.toThrow(/no event left/);
  });

  it('waits for real input and output when no event is left', async () => {
    const clock = createVirtualClock();
    const work = new Promise((resolve) => setTimeout(resolve, 20)).then(() => sleepMs(clock, 5));
    await clock.drive(work);
    expect(clock.nowUs()).toBe(5000);
  });
});
