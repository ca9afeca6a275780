import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.ts';
import { sampleExponential } from '../stats/index.ts';
import { isOverloaded, judgeKeepingUp } from './keeping-up.ts';

/** n arrivals at `load` times the capacity of a queue of one server, 10 ms each; microseconds. */
function queue(load: number, n: number, seed: number) {
  const filling = load < 1 ? 2000 : 50;
  const rng = createRng(seed, 'queue');
  const intendedUs: number[] = [];
  const endUs: number[] = [];
  let now = 0;
  let freeUs = 0;
  let fromUs = 0;
  // As behind a lead-in: the queue is filled before the window begins.
  for (let i = -filling; i < n; i++) {
    now += (sampleExponential(rng) * 10_000) / load;
    if (i === 0) fromUs = now;
    freeUs = Math.max(freeUs, now) + 10_000;
    intendedUs.push(now);
    endUs.push(freeUs);
  }
  return { flights: { intendedUs, endUs }, fromUs, toUs: now };
}

const share = (load: number, n: number, is: (q: ReturnType<typeof queue>) => boolean): number => {
  let count = 0;
  for (let seed = 1; seed <= 200; seed++) if (is(queue(load, n, seed))) count += 1;
  return count / 200;
};
const behind = ({ flights, fromUs, toUs }: ReturnType<typeof queue>) =>
  judgeKeepingUp(flights, fromUs, toUs).verdict === 'falls-behind';

describe('judgeKeepingUp', () => {
  // A hundred arrivals at 90 % are 10 % more than that by chance, and the queue does grow.
  it.each([
    [0.5, 100, 0.02],
    [0.8, 100, 0.05],
    [0.9, 100, 0.1],
    [0.9, 1000, 0.02],
  ])('a server at load %d keeps up over %d arrivals', (load, n, wrong) => {
    expect(share(load, n, behind)).toBeLessThan(wrong);
  });

  it('a server at 1.3 times what it can do falls behind', () => {
    expect(share(1.3, 100, behind)).toBeGreaterThan(0.87);
    expect(share(1.3, 300, behind)).toBeGreaterThan(0.9);
    expect(share(1.3, 1000, behind)).toBeGreaterThan(0.98);
  });

  it('compares with what arrived, not with what was planned', () => {
    const q = queue(0.5, 100, 3);
    const judged = judgeKeepingUp(q.flights, q.fromUs, q.toUs);
    const arrived = q.flights.intendedUs.filter((us) => us >= q.fromUs && us < q.toUs).length;
    expect(judged.arrivals).toBe(arrived);
    expect(judged.reason).toContain(`of ${arrived} arrivals`);
  });

  it('cannot tell from a handful', () => {
    const q = queue(2, 25, 1);
    expect(judgeKeepingUp(q.flights, q.fromUs, q.toUs)).toMatchObject({
      verdict: 'unknown',
      trendP: null,
    });
  });
});

describe('isOverloaded', () => {
  const over = ({ flights, fromUs, toUs }: ReturnType<typeof queue>) =>
    isOverloaded(flights, fromUs, toUs);
  it('ends no level that the server can do', () => {
    for (const load of [0.8, 0.95]) expect(share(load, 300, over)).toBeLessThan(0.01);
  });
  it('sees twice the capacity', () => {
    expect(share(2, 300, over)).toBeGreaterThan(0.98);
  });
});
