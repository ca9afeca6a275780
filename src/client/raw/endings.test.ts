import { expect, it } from 'vitest';
import { createEndings } from './endings.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('does nothing in the turn of the reads, then half a millisecond of it a turn, in order', async () => {
  let nowUs = 0;
  const endings = createEndings({ nowUs: () => nowUs });
  const done: number[] = [];
  for (let i = 0; i < 5; i++) {
    endings.later(() => {
      done.push(i);
      nowUs += 200;
    });
  }
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual([0, 1, 2]);
  // What comes meanwhile goes behind.
  endings.later(() => done.push(5));
  await turn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  endings.later(() => done.push(6));
  await turn();
  expect(done.at(-1)).toBe(6);
});
