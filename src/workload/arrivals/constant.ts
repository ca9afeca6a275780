import type { ArrivalShape } from './arrival.ts';

/** A metronome: equal gaps. */
export const constantArrivals: ArrivalShape = {
  id: 'constant',
  usage: 'constant',
  parse: (argument) => (argument === null ? { kind: 'constant' } : null),
  createGaps: () => {
    // Half a gap first: a window of T seconds then holds rate * T sends, not one fewer.
    let next = 0.5;
    return () => {
      const gap = next;
      next = 1;
      return gap;
    };
  },
};
