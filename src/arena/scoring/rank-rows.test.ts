import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesFixture } from '../trial.fixture.ts';
import { type RankedRow, rankRows } from './rank-rows.ts';

const rules = rulesFixture('speedup.v1');
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const row = (id: string, ...scores: number[]): RankedRow => ({
  id,
  mean: mean(scores),
  scores: [scores],
});

describe('rankRows', () => {
  it('tells apart what repeats tell apart, and nothing else', () => {
    const standings = rankRows(
      [
        row('slow', 1.01, 1.0, 1.02, 0.99),
        row('good', 8.1, 8.0, 7.9, 8.05),
        row('twin', 8.0, 8.1, 7.95, 7.9),
        row('wild', 1, 30, 4, 9),
      ],
      rules,
    );
    expect(standings.map(({ row: id, rank }) => [id, rank])).toEqual([
      ['wild', 1],
      ['good', 2],
      ['twin', 3],
      ['slow', 4],
    ]);
    const by = Object.fromEntries(standings.map((one) => [one.row, one]));
    expect(by['slow']).toMatchObject({ low: 3, high: 4 });
    expect(by['good']).toMatchObject({ low: 1, high: 3 });
    expect(by['wild']).toMatchObject({ low: 1, high: 4 });
    const share = (a: string, b: string) =>
      [...(by[a]?.groups ?? '')].some((letter) => by[b]?.groups.includes(letter));
    expect(share('good', 'twin')).toBe(true);
    expect(share('wild', 'slow')).toBe(true);
    expect(share('good', 'slow')).toBe(false);
  });

  it('cannot tell single runs apart, nor runs that all fell back', () => {
    for (const rows of [
      [row('a', 9), row('b', 2), row('c', 5)],
      [row('a', 1, 1, 1), row('b', 9, 9, 9)],
    ]) {
      for (const { low, high, groups } of rankRows(rows, rules)) {
        expect({ low, high, groups }).toEqual({ low: 1, high: rows.length, groups: 'a' });
      }
    }
  });

  it('gives equal scores one rank', () => {
    const ranks = rankRows([row('a', 2), row('b', 2), row('c', 1)], rules).map(({ rank }) => rank);
    expect(ranks).toEqual([1, 1, 3]);
  });

  it('keeps ranks within their intervals, and shares letters exactly where nothing was found', () => {
    const score = fc.double({ min: 1, max: 90, noNaN: true });
    const scores = fc.array(score, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(scores, { minLength: 1, maxLength: 7 }), (all) => {
        const standings = rankRows(
          all.map((one, i) => row(`r${i}`, ...one)),
          rules,
        );
        expect(standings).toHaveLength(all.length);
        for (const { rank, low, high, groups } of standings) {
          expect(low).toBeLessThanOrEqual(rank);
          expect(high).toBeGreaterThanOrEqual(rank);
          expect(groups).toMatch(/^[a-z]/);
        }
        // The first has nobody surely above it but by the disagreement of means and tests.
        expect(Math.min(...standings.map(({ low }) => low))).toBe(1);
        expect(Math.max(...standings.map(({ high }) => high))).toBe(all.length);
      }),
    );
  });
});
