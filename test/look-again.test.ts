import { describe, expect, test } from 'vitest';
import type { Failure } from '../tools/count-results.ts';
import { afterSecondLook, type Outcome, toLookAtAgain } from '../tools/look-again.ts';

const failure = (file: string, test: string | null): Failure => ({ file, test, message: 'no' });
const stage = (passed: number, failed: number, ...failures: Failure[]): Outcome => ({
  counts: { passed, failed },
  failures,
});

describe('what is looked at again', () => {
  test('only the tests that failed, by file', () => {
    const found = toLookAtAgain(
      stage(
        9,
        3,
        failure('/a.test.ts', 'x'),
        failure('/b.test.ts', 'y'),
        failure('/a.test.ts', 'z'),
      ),
    );
    expect(found).toEqual([
      { file: '/a.test.ts', pattern: '^(?:x|z)$' },
      { file: '/b.test.ts', pattern: '^(?:y)$' },
    ]);
  });

  test.each([
    "the corpus 'held-back'",
    'takes $1 (and [2] or {3}) * 4 + 5? ^6 | a\\b.c',
    'parts/of/a/path',
  ])('a name and no other one: %s', (name) => {
    const [again] = toLookAtAgain(stage(1, 1, failure('/a.test.ts', name)));
    const pattern = new RegExp(again?.pattern ?? '');
    expect(name).toMatch(pattern);
    expect(`${name}, once more`).not.toMatch(pattern);
    expect(`all of ${name}`).not.toMatch(pattern);
    expect('anything else').not.toMatch(pattern);
  });

  test('the whole file, where it failed outside of its tests', () => {
    const found = stage(9, 2, failure('/a.test.ts', null), failure('/a.test.ts', 'x'));
    expect(toLookAtAgain(found)).toEqual([{ file: '/a.test.ts', pattern: null }]);
  });

  test.each([
    ['all fine', stage(9, 0)],
    ['too many', stage(9, 4, ...'abcd'.split('').map((name) => failure('/a.test.ts', name)))],
    ['a failure without a name', stage(9, 2, failure('/a.test.ts', 'x'))],
  ])('nothing: %s', (_name, outcome) => {
    expect(toLookAtAgain(outcome)).toEqual([]);
  });
});

describe('after the second look', () => {
  const [x, y, elsewhere] = [
    failure('/a.test.ts', 'x'),
    failure('/a.test.ts', 'y'),
    failure('/b.test.ts', 'x'),
  ];
  const first = stage(7, 3, x, y, elsewhere);
  const again = { file: '/a.test.ts', pattern: '^(?:x|y)$' };

  test('all of a file passed: the others are as they were', () => {
    expect(afterSecondLook(first, again, stage(2, 0))).toEqual({
      outcome: stage(9, 1, elsewhere),
      unsteady: [x, y],
    });
  });

  test('one passed and one did not', () => {
    expect(afterSecondLook(first, again, stage(1, 1, y))).toEqual({
      outcome: stage(8, 2, y, elsewhere),
      unsteady: [x],
    });
  });

  test.each([
    ['both failed again', stage(0, 2, x, y)],
    ['vitest died', stage(0, 1)],
    ['the file failed outside of its tests', stage(2, 1, failure('/a.test.ts', null))],
    ['a failure without a name', stage(2, 1)],
    ['a name that matched one test only', stage(1, 0)],
  ])('nothing is mended: %s', (_name, second) => {
    expect(afterSecondLook(first, again, second)).toEqual({ outcome: first, unsteady: [] });
  });

  test('a whole file is mended when nothing in it fails', () => {
    const broken = failure('/a.test.ts', null);
    const whole = { file: '/a.test.ts', pattern: null };
    expect(afterSecondLook(stage(5, 1, broken), whole, stage(4, 0))).toEqual({
      outcome: stage(6, 0),
      unsteady: [broken],
    });
    const second = stage(3, 1, failure('/a.test.ts', 'other'));
    expect(afterSecondLook(stage(5, 1, broken), whole, second).unsteady).toEqual([]);
  });
});
