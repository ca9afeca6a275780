import { expect, it } from 'vitest';
import { createMonotonicClock } from './monotonic-clock.ts';
import { measureReadBandwidth } from './read-bandwidth.ts';

it('reads a working set by all threads, and tells its size', async () => {
  const found = await measureReadBandwidth(createMonotonicClock(), {
    ...{ bytes: 3_000_001, threads: 2, rounds: 2, roundMs: 5 },
  });
  expect(found).toMatchObject({ bytes: 3_000_000, threads: 2, rounds: 2 });
  expect(found.bytesPerS).toBeGreaterThan(0);
});

it('takes the best round', async () => {
  // Reading takes 10 ms of this clock, one round 2 ms.
  let now = 0;
  let reading = 0;
  const clock = {
    nowUs: () => {
      reading += 1;
      // Each span is two readings: after three spans of warming up, the second round is the fast one.
      if (reading % 2 === 0) now += reading === 10 ? 2_000 : 10_000;
      return now;
    },
    wallMs: () => 0,
    sleepUntil: async () => {},
  };
  const { bytesPerS } = await measureReadBandwidth(clock, {
    ...{ bytes: 8192, threads: 1, rounds: 3, roundMs: 10 },
  });
  // One pass of 8192 bytes in 2 ms.
  expect(bytesPerS).toBeCloseTo(8192 / 0.002);
});
