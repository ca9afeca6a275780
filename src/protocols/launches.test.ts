import { expect, it } from 'vitest';
import { studentInterval } from './launches.ts';

it('is Student’s t over the launches that have a value', () => {
  // scipy 1.17.1: t.interval(0.95, n - 1, loc=mean, scale=sem).
  const three = studentInterval([100, 110, 105]);
  expect(three.mean).toBe(105);
  expect(three.low).toBeCloseTo(92.57931144124835, 9);
  expect(three.high).toBeCloseTo(117.42068855875165, 9);
  expect(studentInterval([100, null, 110, 105])).toEqual(three);
});

it('has no interval for one launch, and nothing for none', () => {
  expect(studentInterval([7, null])).toEqual({ mean: 7, low: null, high: null });
  expect(studentInterval([null])).toEqual({ mean: null, low: null, high: null });
});

it('does not reach below 0 where no value does', () => {
  expect(studentInterval([1, 1, 9]).low).toBe(0);
  expect(studentInterval([-1, 1, 9]).low).toBeLessThan(-5);
});
