import { expect, it } from 'vitest';
import { reachedLimits } from './reached-limits.ts';

it('names the limits that were reached, each with its value', () => {
  const by = 'watched';
  expect(
    reachedLimits([
      { limit: 'memoryBytes', asked: 4 * 1024 ** 3, by, reached: true },
      { limit: 'processes', asked: 1024, by, reached: true },
      { limit: 'diskBytes', asked: 64 << 20, by, reached: true },
      { limit: 'cpus', asked: 2, by, reached: null },
    ]),
  ).toEqual(['memory (4096 MiB)', 'processes (1024)', 'disk (64 MiB)']);
  expect(reachedLimits([{ limit: 'diskBytes', asked: 64 << 20, by, reached: false }])).toEqual([]);
});
