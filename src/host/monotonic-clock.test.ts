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
});

test('shares the time line of performance.now and of the wall', async () => {
  expect(Math.abs(clock.nowUs() / 1000 - performance.now())).toBeLessThan(1000);
  const driftBefore = clock.wallMs() - clock.nowUs() / 1000;
  await sleep(30);
  expect(Math.abs(clock.wallMs() - clock.nowUs() / 1000 - driftBefore)).toBeLessThan(1000);
});
