import { describe, expect, test } from 'vitest';
import { rankRows } from '../../src/arena/scoring/rank-rows.ts';
import { scoreTrial } from '../../src/arena/scoring/score-trial.ts';
import { type ScoredRun, summarizeRuns } from '../../src/arena/scoring/summarize-runs.ts';
import { makeTrial, rulesFixture } from '../../src/arena/trial.fixture.ts';
import { createRng } from '../../src/core/index.ts';
import { normalQuantile } from '../../src/stats/index.ts';

/**
 * Scores whose true mean is known: log-normal with a standard deviation of 0.3 on the log scale, as
 * far apart as repeats of an agent are (the document's SEM of three runs is 2 to 40 % of the mean).
 */
const sigma = 0.3;
const rules = rulesFixture('speedup.v1');
const template = scoreTrial(makeTrial('decode', 2), rules, '');

function* scores(purpose: string): Generator<number, never> {
  const rng = createRng(11, purpose);
  for (;;) yield 5 * Math.exp(sigma * normalQuantile(rng.nextOpen()));
}

function coverage(n: number, truth: number, repeats: number): number {
  const source = scores(`coverage/${n}`);
  let covered = 0;
  for (let r = 0; r < repeats; r++) {
    const runs = Array.from({ length: n }, (): ScoredRun => {
      const score = source.next().value;
      return { ...template, score, launchScores: [score] };
    });
    const summary = summarizeRuns([runs], rules, { seed: r, purpose: 'coverage' });
    if ((summary?.low ?? truth) <= truth && truth <= (summary?.high ?? truth)) covered++;
  }
  return covered / repeats;
}

describe('95 % intervals of scores', () => {
  const geometric = 5;
  const arithmetic = 5 * Math.exp(sigma ** 2 / 2);

  test.each([
    [3, geometric],
    [5, geometric],
  ])('t on log scores of %i runs covers the geometric mean', (n, truth) => {
    const share = coverage(n, truth, 1500);
    expect(share).toBeGreaterThan(0.935);
    expect(share).toBeLessThan(0.965);
  });

  test.each([
    [6, 0.91],
    [12, 0.92],
  ])('the bootstrap of %i runs covers the mean in more than %d', (n, least) => {
    const share = coverage(n, arithmetic, 250);
    expect(share).toBeGreaterThan(least);
    expect(share).toBeLessThan(0.99);
  });
});

test('rows of one truth are found to differ in at most 5 % of boards', () => {
  const source = scores('boards');
  const boards = 1000;
  let wrong = 0;
  for (let board = 0; board < boards; board++) {
    const rows = Array.from({ length: 5 }, (_, i) => {
      const own = Array.from({ length: 3 }, () => source.next().value);
      return { id: `r${i}`, mean: own.reduce((sum, x) => sum + x, 0) / 3, scores: [own] };
    });
    const standings = rankRows(rows, rules);
    if (standings.some(({ low, high }) => low !== 1 || high !== 5)) wrong++;
  }
  expect(wrong / boards).toBeLessThan(0.065);
});
