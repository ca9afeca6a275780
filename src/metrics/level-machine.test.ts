import { expect, it } from 'vitest';
import type { MachineReading, MachineSample } from '../model/index.ts';
import { levelMachine } from './level-machine.ts';
import { levelOf, okRecord } from './records.fixture.ts';

const second = 1_000_000;
const run = levelOf([okRecord(0, 2 * second, [])], {
  ...{ windowStartUs: 2 * second, endUs: 8 * second },
});

const look = (atS: number, over: Partial<MachineReading>): MachineSample => ({
  atUs: atS * second,
  reading: {
    ...{ times: null, memoryAvailableBytes: null, clockMeanMhz: null, clockMinMhz: null },
    throttleEvents: null,
    ...over,
  },
});

it('takes what grew and what was least within the level alone', () => {
  const samples = [
    look(1, { times: { busy: 0, stolen: 0, total: 0 }, clockMinMhz: 1, throttleEvents: 0 }),
    look(2, {
      ...{ times: { busy: 100, stolen: 10, total: 200 }, memoryAvailableBytes: 9e9 },
      ...{ clockMeanMhz: 3000, clockMinMhz: 2900, throttleEvents: 5 },
    }),
    look(5, { memoryAvailableBytes: 1e9, clockMeanMhz: 1000, clockMinMhz: 800 }),
    look(8, {
      ...{ times: { busy: 250, stolen: 40, total: 600 }, memoryAvailableBytes: 4e9 },
      ...{ clockMeanMhz: 2000, clockMinMhz: 1900, throttleEvents: 7 },
    }),
    look(9, { times: { busy: 9e9, stolen: 9e9, total: 9e9 }, throttleEvents: 99 }),
  ];
  expect(levelMachine(run, samples)).toEqual({
    busyShare: 150 / 400,
    stolenShare: 30 / 400,
    memoryAvailableMinBytes: 1e9,
    clockMeanMhz: 2000,
    clockMinMhz: 800,
    throttleEvents: 2,
  });
});

it('is unknown where nothing is told', () => {
  expect(levelMachine(run, [look(1, {}), look(9, {})])).toBeNull();
  expect(Object.values(levelMachine(run, [look(3, {}), look(4, {})]) ?? {})).toEqual(
    Array.from({ length: 6 }, () => null),
  );
});
