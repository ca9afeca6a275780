import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countCpus, listCpus, parseCpus, shareCpus } from './cpus.ts';

const cpuSets = fc
  .uniqueArray(fc.nat(300), { minLength: 1 })
  .map((set) => set.sort((a, b) => a - b));

describe('lists of CPUs', () => {
  it('are read and written as taskset does', () => {
    expect(parseCpus('0-2,5')).toEqual([0, 1, 2, 5]);
    expect(listCpus([0, 1, 2, 5])).toBe('0-2,5');
    fc.assert(
      fc.property(cpuSets, (set) => {
        expect(parseCpus(listCpus(set))).toEqual(set);
      }),
    );
  });
});

describe('shareCpus', () => {
  it('gives the program as many as it may have, and the client the others', () => {
    expect(shareCpus([0, 1, 2, 3], 3)).toEqual({ program: '0-2', client: '3' });
    fc.assert(
      fc.property(cpuSets, fc.integer({ min: 1, max: 299 }), (set, cpus) => {
        const { program, client } = shareCpus(set, cpus);
        if (set.length <= cpus) expect([program, client]).toEqual([null, null]);
        else {
          expect(countCpus(program ?? '')).toBe(cpus);
          expect([...parseCpus(program ?? ''), ...parseCpus(client ?? '')]).toEqual(set);
        }
      }),
    );
  });

  it('divides nothing where the machine does not tell', () => {
    expect(shareCpus(null, 1)).toEqual({ program: null, client: null });
  });
});
