import { describe, expect, it } from 'vitest';
import { shippedQuestions } from '../checks/questions.ts';
import { fakeWorld } from '../judge/fake-world.fixture.ts';
import { checkQuestionSet, judgeQuestionSet } from './question-set.ts';

/** So many of n right, the same in both rounds but for `differ` of them. */
function rounds(n: number, right: number, differ = 0) {
  const first = Array.from({ length: n }, (_, at) => at < right);
  return {
    first,
    second: first.map((one, at) => (at < differ ? !one : one)),
    distinct: n,
    chance: 0,
  };
}

describe('judgeQuestionSet', () => {
  it('accepts 62 questions for 10 points, and 250 for 5', () => {
    expect(judgeQuestionSet({ ...rounds(62, 40), marginPoints: 10 })).toMatchObject({
      accepted: true,
      n: 62,
      power: { assumed: { discordantShare: 0.1, normal: expect.closeTo(0.80094, 4) } },
    });
    expect(judgeQuestionSet({ ...rounds(250, 150), marginPoints: 5 }).accepted).toBe(true);
  });

  it.each([
    ['one question less', { ...rounds(61, 40), marginPoints: 10 }, /power of 80 %/],
    ['a weak reference', { ...rounds(62, 12), marginPoints: 10 }, /below chance/],
    [
      'one that could guess',
      { ...rounds(62, 18), chance: 0.1, marginPoints: 10 },
      /chance \(10 %\)/,
    ],
    ['a reference that knows all', { ...rounds(62, 60), marginPoints: 10 }, /too easy/],
    [
      'questions asked three times over',
      { ...rounds(250, 150), distinct: 80, marginPoints: 5 },
      /80 different questions .* --questions FILE/,
    ],
  ])('refuses %s', (_, asked, why) => {
    const { accepted, why: told } = judgeQuestionSet(asked);
    expect(accepted).toBe(false);
    expect(told).toMatch(why);
  });

  it('tells how often the reference disagrees with itself, and the power that leaves', () => {
    // 6 of 60 questions: sqrt(0.1 / 60) = 0.040825, 0.1 / 0.040825 - 1.645 = 0.80449.
    const { discordantShare, referenceShares, power } = judgeQuestionSet({
      ...rounds(60, 40, 6),
      marginPoints: 10,
    });
    expect(discordantShare).toBeCloseTo(0.1, 12);
    expect(referenceShares).toEqual([40 / 60, 34 / 60]);
    expect(power.seen.normal).toBeCloseTo(0.78943, 4);
  });
});

describe('checkQuestionSet', () => {
  it('asks the reference what a judge asks, twice, and ends it', async () => {
    const world = fakeWorld();
    const size = world.order.stored.scenario.classes.small;
    const quality = { marginPoints: 20, minQuestions: 30 };
    const asked = { seed: 'seed', set: shippedQuestions };
    const set = await checkQuestionSet({ ...size, quality }, asked, world.ports);
    // It knows them all.
    expect(set).toMatchObject({ n: 30, distinct: 30, referenceShares: [1, 1], discordantShare: 0 });
    expect(set.why).toMatch(/too easy/);
    expect(world.events).toEqual(['reference', 'reference-stop']);
  });
});
