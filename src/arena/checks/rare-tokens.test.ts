import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf } from '../../stats/index.ts';
import { fakeWorld, type WorldOptions } from '../judge/fake-world.fixture.ts';
import { judgeSubmission } from '../judge/judge-submission.ts';
import { judgeRare, rareTokensOf } from './rare-tokens.ts';

const tokens = fc.integer({ min: 100, max: 50_000 });

describe('rare tokens', () => {
  it('are counted by their tails, and not at all where one is not told', () => {
    const token = { logProb: -1, rank: 0, gapNats: 0, topMarginNats: 1 };
    const row = (tailShare: number | null) => ({
      ...{ ...token, entropyNats: 1, varianceNats2: 1, tailShare },
    });
    const rows = [0.5, 1e-4, 1.01e-4, 1e-9].map(row);
    expect(rareTokensOf({ tokens: rows })).toEqual({ tokens: 4, rare: 2 });
    expect(rareTokensOf({ tokens: [...rows, row(null)] })).toBeNull();
  });

  it.each([
    // Of 690 tokens 0.345 are allowed: as many or more have, by Poisson, 4.8 %, 0.52 % and 0.05 %.
    [2, 'pass'],
    [3, 'flag'],
    [4, 'fail'],
  ] as const)('%i of 690: %s', (rare, verdict) => {
    expect(judgeRare({ tokens: 690, rare }).verdict).toBe(verdict);
  });

  it('fail no sampler of the right distribution, and none that cuts its tail off', () => {
    fc.assert(
      fc.property(tokens, fc.double({ min: 0, max: 1e-4, noNaN: true }), (n, share) => {
        // Of all counts that fail: how often a sampler has as many.
        let [low, high] = [0, n];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (judgeRare({ tokens: n, rare: middle }).verdict === 'fail') high = middle;
          else low = middle + 1;
        }
        expect(1 - binomialCdf(low - 1, n, share)).toBeLessThan(1e-5);
      }),
      { numRuns: 50 },
    );
  });

  it('fail a share of 1 % wherever there are 400 tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 50_000 }), (n) => {
        expect(judgeRare({ tokens: n, rare: Math.ceil(n / 100) }).verdict).toBe('fail');
      }),
      { numRuns: 50 },
    );
  });

  it('are never fewer trouble when there are more of them', () => {
    const order = ['pass', 'flag', 'fail'];
    fc.assert(
      fc.property(tokens, (n) => {
        const grades = Array.from({ length: 60 }, (_, rare) =>
          order.indexOf(judgeRare({ tokens: n, rare }).verdict),
        );
        expect(grades).toEqual(grades.toSorted((one, two) => one - two));
      }),
      { numRuns: 20 },
    );
  });
});

describe('token-divergence', () => {
  const judge = async (options: WorldOptions) => {
    const world = fakeWorld(options);
    const { state } = await judgeSubmission(world.order, world.ports);
    return state?.checks.find((one) => one.id === 'token-divergence');
  };
  /** Every eighth token is rare, and all others are the likeliest: on average not improbable at all. */
  const likelyFiller = () => {
    let told = 0;
    return () => {
      const rare = told++ % 8 === 0;
      return { logProb: rare ? -8 : -0.1, tailShare: rare ? 1e-5 : 1 };
    };
  };

  it('fails text that is likely as a whole, by its joins', async () => {
    const found = await judge({ score: likelyFiller() });
    expect(found).toMatchObject({ verdict: 'fail' });
    expect(found?.evidence).toMatch(/of the rarest 0.01 %/);
  });

  it('does so at temperature 0 too', async () => {
    const found = await judge({ size: { temperature: 0 }, score: likelyFiller() });
    expect(found).toMatchObject({ verdict: 'fail' });
    expect(found?.evidence).toMatch(/greedy decoding chooses; /);
  });

  it('goes by the average alone where the reference tells no tails', async () => {
    const score = likelyFiller();
    const found = await judge({ score: () => ({ ...score(), tailShare: null }) });
    expect(found).toMatchObject({ verdict: 'pass' });
    expect(found?.evidence).not.toMatch(/rarest/);
  });
});
