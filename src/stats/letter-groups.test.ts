import fc from 'fast-check';
import { expect, it } from 'vitest';
import { letterGroups } from './letter-groups.ts';

const differing = (pairs: readonly (readonly [number, number])[]) => (i: number, j: number) =>
  pairs.some(([a, b]) => (a === i && b === j) || (a === j && b === i));

it('gives one letter to what does not differ, and one each to what all differs', () => {
  expect(letterGroups(3, () => false)).toEqual(['a', 'a', 'a']);
  expect(letterGroups(3, () => true)).toEqual(['a', 'b', 'c']);
  expect(letterGroups(0, () => true)).toEqual([]);
  // The first and the last differ, the middle one from neither.
  expect(letterGroups(3, differing([[0, 2]]))).toEqual(['a', 'ab', 'b']);
});

it('shares a letter exactly where two do not differ', () => {
  const pair = fc.tuple(fc.nat(7), fc.nat(7)).filter(([a, b]) => a !== b);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 20 }), (pairs) => {
      const differ = differing(pairs);
      const letters = letterGroups(8, differ).map(
        (text): string[] => text.match(/[a-z]\d*/g) ?? [],
      );
      for (let i = 0; i < 8; i++) {
        expect(letters[i]?.length).toBeGreaterThan(0);
        for (let j = i + 1; j < 8; j++) {
          const shared = letters[i]?.some((letter) => letters[j]?.includes(letter));
          expect(shared, `${i} ${j}`).toBe(!differ(i, j));
        }
      }
    }),
  );
});
