import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createMonotonicClock } from './monotonic-clock.ts';

const clock = createMonotonicClock();

test('never fires early, at any distance', async () => {
  const distancesUs = [10, 49, 51, 300, 1_000, 1_999, 2_001, 2_999, 3_001, 5_500, 20_000];
  const early: number[] = [];
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      distancesUs.map(async (distanceUs) => {
        const atUs = clock.nowUs() + distanceUs;
        await clock.sleepUntil(atUs);
        if (clock.nowUs() < atUs) early.push(distanceUs);
      }),
    );
  }
  expect(early).toEqual([]);
});

test('is on time far below a timer tick', async () => {
  const latenessUs: number[] = [];
  for (let i = 0; i < 40; i++) {
    const atUs = clock.nowUs() + 5_300;
    await clock.sleepUntil(atUs);
    latenessUs.push(clock.nowUs() - atUs);
  }
  // The best quarter: a timer alone is late by half a millisecond on average, and this machine
  // may be busy with other work during the rest.
  expect(latenessUs.toSorted((a, b) => a - b)[10]).toBeLessThan(200);
});

test('an instant in the past is no wait', async () => {
  const before = clock.nowUs();
  await clock.sleepUntil(before - 1e9);
  await clock.sleepUntil(-Infinity);
  expect(clock.nowUs() - before).toBeLessThan(1e6);
});

test('an abort ends the wait with its reason, at once and for good', async () => {
  const farUs = clock.nowUs() + 3600e6;
  await expect(clock.sleepUntil(farUs, AbortSignal.abort('gone'))).rejects.toBe('gone');
  const controller = new AbortController();
  const waiting = clock.sleepUntil(farUs, controller.signal);
  controller.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  // In its last two milliseconds the wait is on no timer.
  const late = new AbortController();
  const turning = clock.sleepUntil(clock.nowUs() + 1_900, late.signal);
  late.abort('late');
  await expect(turning).rejects.toBe('late');
});

test('shares the time line of performance.now and of the wall', async () => {
  expect(Math.abs(clock.nowUs() / 1000 - performance.now())).toBeLessThan(1000);
  const driftBefore = clock.wallMs() - clock.nowUs() / 1000;
  await sleep(30);
  expect(Math.abs(clock.wallMs() - clock.nowUs() / 1000 - driftBefore)).toBeLessThan(1000);
});
