import { describe, expect, it } from 'vitest';
import { createPollSwitch } from './worker-level.ts';

describe('the switch between sleeping and polling', () => {
  it('naps longer under more load, and gives up only well below where it began', () => {
    const naps: number[] = [];
    const polls = createPollSwitch({ setPolling: (napUs) => naps.push(napUs) });
    const rates = [0, 9_000, 11_000, 6_000, 31_000, 16_000, 14_000, 60_000, 4_000, null, 12_000];
    for (const perS of rates) polls.look({ eventsPerS: () => perS });
    expect(naps).toEqual([100, 200, 100, 200, 0, 100]);
    expect(polls.share()).toBeCloseTo(6 / rates.length);
  });
});
