import { expect, it } from 'vitest';
import { type Case, runCases, selectCases } from './case.ts';

const cases: Case<number>[] = [
  {
    name: 'is positive',
    run: (n) => {
      if (n <= 0) throw new Error(`${n} is not`);
    },
  },
  { name: 'is even', run: async (n) => (n % 2 === 0 ? undefined : Promise.reject('odd')) },
];

it('a suite run as a table tells what passed, failed and was skipped', async () => {
  expect(await runCases(cases, -2)).toEqual([
    { name: 'is positive', status: 'failed', message: '-2 is not' },
    { name: 'is even', status: 'passed', message: null },
  ]);
  expect(await runCases(cases, 3, { 'is positive': 'not asked' })).toEqual([
    { name: 'is positive', status: 'skipped', message: 'not asked' },
    { name: 'is even', status: 'failed', message: 'odd' },
  ]);
});

it('skipping needs a case that exists and a reason', () => {
  expect(() => selectCases(cases, { 'is odd': 'renamed' })).toThrow('no case "is odd"');
  expect(() => selectCases(cases, { 'is even': ' ' })).toThrow('without a reason');
});
