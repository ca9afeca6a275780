import { expect, it } from 'vitest';
import { chooseThreads } from './threads.ts';

it('leaves the client a core where there are two or more', () => {
  expect([1, 2, 3, 8, 9, 16, 64].map(chooseThreads)).toEqual([1, 1, 2, 7, 7, 8, 32]);
  for (let cpus = 2; cpus < 200; cpus++) {
    expect(chooseThreads(cpus)).toBeLessThan(cpus);
    expect(chooseThreads(cpus + 1)).toBeGreaterThanOrEqual(chooseThreads(cpus));
  }
});
