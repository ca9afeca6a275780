import { describe, expect, it } from 'vitest';
import { createRng } from '../../core/index.ts';
import type { TokenScore } from '../judge/ports.ts';
import { judgeParts } from './parts.ts';

const base = {
  ...{ rank: 0, gapNats: 0, topMarginNats: 5, entropyNats: 2, varianceNats2: 1.5, tailShare: 0.5 },
};

/** Answers of 64 tokens with surprises as a sampler has, and so many nats above. */
function answers(count: number, excess: (answer: number, token: number) => number) {
  const rng = createRng(7, 'surprises');
  return Array.from({ length: count }, (_, answer) =>
    Array.from({ length: 64 }, (__, token): TokenScore => {
      // Gamma of mean 2 and variance 1.6.
      const surprise = -0.8 * Math.log(rng.next() * rng.next()) + 0.4;
      return { ...base, logProb: -surprise - excess(answer, token) };
    }),
  );
}

describe('parts of answers', () => {
  it.each([
    ['as the reference has them', () => 0, 'pass'],
    ['all a little worse, as by rough weights', () => 0.4, 'pass'],
    ['worse from the middle on', (_: number, token: number) => (token < 32 ? 0 : 0.9), 'fail'],
    ['worse at the start', (_: number, token: number) => (token < 32 ? 0.9 : 0), 'fail'],
    ['one of four another', (answer: number) => (answer % 4 === 0 ? 2 : 0), 'fail'],
    ['one of twelve another', (answer: number) => (answer % 12 === 0 ? 2 : 0), 'pass'],
  ])('%s', (_, excess, verdict) => {
    expect(judgeParts(answers(12, excess), 0.5)).toMatchObject({ verdict });
  });

  it('hardly ever fail honest answers, at the limit of what all may have', () => {
    let failed = 0;
    const rng = createRng(3, 'trials');
    for (let trial = 0; trial < 300; trial++) {
      const all = Array.from({ length: 12 }, () =>
        Array.from({ length: 32 }, (): TokenScore => {
          const surprise = -0.8 * Math.log(rng.next() * rng.next()) + 0.4;
          return { ...base, logProb: -surprise - 0.4 };
        }),
      );
      failed += judgeParts(all, 0.5).verdict === 'fail' ? 1 : 0;
    }
    expect(failed).toBeLessThanOrEqual(1);
  });

  it.each([
    ['greedy ones as chosen', () => 0, 'pass'],
    [
      'greedy ones that are others from the middle on',
      (_: number, token: number) => (token > 32 && token % 4 === 0 ? 5 : 0),
      'fail',
    ],
    [
      'greedy ones of which some answers are others',
      (answer: number, token: number) => (answer < 3 && token % 2 === 0 ? 5 : 0),
      'fail',
    ],
  ])('%s', (_, gap, verdict) => {
    const all = answers(12, () => 0).map((one, answer) =>
      one.map((token, at) => ({ ...token, gapNats: gap(answer, at) })),
    );
    expect(judgeParts(all, null)).toMatchObject({ verdict });
  });
});
