import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HonestVariant, NoiseFloor } from '../../model/index.ts';
import { fakeWorld, type WorldOptions } from '../judge/fake-world.fixture.ts';
import { judgeSubmission } from '../judge/judge-submission.ts';
import { judgeAgreement, judgeExcess } from './noise-floor.ts';

const variant = (change: Partial<HonestVariant> = {}): HonestVariant => ({
  ...{ id: 'plain', description: '' },
  ...{ alone: { tokens: 700, agree: 700 }, burst: { tokens: 700, agree: 700 } },
  sampled: { tokens: 700, meanNats: 0.02, seNats: 0.01 },
  ...change,
});
const floorOf = (...variants: HonestVariant[]): NoiseFloor => ({
  ...{ measuredOn: '2026-11-30', how: '', machine: '', versions: {} },
  variants,
});
const floor = floorOf(variant(), variant({ id: 'coarse', alone: { tokens: 700, agree: 686 } }));

describe('a noise floor', () => {
  it('is the worst of its variants, with what so few tokens leave open', () => {
    // Clopper-Pearson, one-sided 95 %: 686 of 700 is at least 0.969 (binomial tail by hand: 0.9688).
    const judged = judgeAgreement({ tokens: 300, agree: 294 }, floor, 'alone');
    expect(judged).toMatchObject({
      verdict: 'pass',
      evidence: expect.stringContaining('at least 98 % of 700 (coarse; 97 % with 95 % confidence)'),
    });
  });

  it.each([
    [294, 'pass'],
    [285, 'flag'],
    [255, 'fail'],
  ])('judges %i of 300 tokens: %s', (agree, verdict) => {
    expect(judgeAgreement({ tokens: 300, agree }, floor, 'alone').verdict).toBe(verdict);
  });

  it('fails no server that agrees as often as the worst variant', () => {
    const agreement = fc
      .integer({ min: 100, max: 2000 })
      .chain((tokens) =>
        fc.record({ tokens: fc.constant(tokens), agree: fc.integer({ min: 0, max: tokens }) }),
      );
    fc.assert(
      fc.property(agreement, fc.integer({ min: 1, max: 20 }), ({ tokens, agree }, parts) => {
        const one = floorOf(variant({ burst: { tokens: tokens * parts, agree: agree * parts } }));
        expect(judgeAgreement({ tokens, agree }, one, 'burst').verdict).not.toBe('fail');
      }),
    );
  });

  it('judges sampled tokens by nats', () => {
    const own = (mean: number) => judgeExcess({ mean, se: 0.01 }, floor)?.verdict;
    // 0.02 + 3 x 0.01 are known; 0.1 more is allowed.
    expect([own(0.05), own(0.1), own(0.2)]).toEqual(['pass', 'flag', 'fail']);
    expect(judgeExcess({ mean: 9, se: 0 }, floorOf(variant({ sampled: null })))).toBeNull();
  });
});

describe('checks of a scenario with a noise floor', () => {
  /** Every twelfth token is far from the reference's choice. */
  const sloppy = (options: WorldOptions) => {
    let told = 0;
    return fakeWorld({
      ...options,
      score: () => ({ gapNats: told++ % 12 === 0 ? 5 : 0 }),
    });
  };
  const verdictOf = async (world: ReturnType<typeof fakeWorld>, id: string) => {
    const { state } = await judgeSubmission(world.order, world.ports);
    return state?.checks.find((one) => one.id === id);
  };

  it('go by it, and by limits of their own without one', async () => {
    expect(await verdictOf(sloppy({}), 'greedy-match')).toMatchObject({ verdict: 'flag' });
    const wide = floorOf(variant({ alone: { tokens: 700, agree: 600 } }));
    const same = await verdictOf(sloppy({ size: { noiseFloor: wide } }), 'greedy-match');
    expect(same).toMatchObject({ verdict: 'pass' });
    const tight = sloppy({ size: { noiseFloor: floorOf(variant()) } });
    const checked = await verdictOf(tight, 'greedy-match');
    expect(checked?.evidence).toContain('honest variants at least 100 %');
    expect(checked?.verdict).not.toBe('pass');
  });
});
