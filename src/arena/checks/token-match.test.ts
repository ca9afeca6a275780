import { describe, expect, it } from 'vitest';
import type { LoadProfile } from '../../model/index.ts';
import { fakeWorld, type WorldOptions } from '../judge/fake-world.fixture.ts';
import { judgeSubmission } from '../judge/judge-submission.ts';
import type { StoredReference } from '../judge/order.ts';
import type { Answer, Traffic } from '../judge/ports.ts';
import { storableReference } from '../judge/stored-reference.ts';
import { commonStart, matchTokens } from './token-match.ts';

const answer = (text: string, outcome: Answer['outcome'] = 'ok') => ({ text, outcome }) as Answer;
const words = async (answers: readonly Answer[]) =>
  answers.map(({ text }) => text.split(/\s+/).filter((word) => word !== '').length);

describe('tokens in common', () => {
  it.each([
    ['the same', 'a b c', 'a b c', 'a b c'],
    ['another word', 'a b x', 'a b c', 'a b'],
    ['a word that begins alike', 'a there', 'a then', 'a'],
    ['one that goes on', 'a b c', 'a b', 'a b'],
    ['one that ends early', 'a b', 'a b c', 'a b'],
    ['a word that is cut', 'a b', 'a bc', 'a'],
    ['letters that are words of their own', '日本語', '日本酒', '日本'],
    ['nothing', 'x', 'a', ''],
  ])('of %s', (_, own, wanted, common) => {
    expect(commonStart(own, wanted)).toBe(common);
  });

  it('are the mean over prompts, of what the reference said', async () => {
    const pairs = [
      { own: answer('a b c d'), reference: answer('a b c d') },
      { own: answer('a b x d'), reference: answer('a b c d') },
      { own: answer('x b c d'), reference: answer('a b c d') },
      // A request that failed; an answer that is to be empty, and one that is not.
      { own: answer('a b c d', 'reset'), reference: answer('a b c d') },
      { own: answer(''), reference: answer('') },
      { own: answer('a'), reference: answer('') },
    ];
    const match = await matchTokens(pairs, words);
    expect(match).toMatchObject({ tokenMatchShare: 2.5 / 6, prompts: 6, whole: 2 });
    const { low, high } = match?.interval ?? { low: 1, high: 0 };
    expect(low).toBeLessThan(2.5 / 6);
    expect(high).toBeGreaterThan(2.5 / 6);
    expect(await matchTokens([], words)).toBeNull();
  });
});

describe('the token match of a greedy scenario', () => {
  const lengths = {
    ...{ inputTokens: { max: 64, lowShare: 1 }, outputTokens: { max: 32, lowShare: 1 } },
    ...{ arrival: 'burst' as const, rateRps: null },
  };
  const sequential: LoadProfile = { id: 'burst', requests: 8, maxInFlight: 1, ...lengths };
  const concurrent: LoadProfile = { id: 'concurrent', requests: 24, maxInFlight: 4, ...lengths };
  const size = { temperature: 0, quality: null, profiles: [sequential, concurrent] };
  const judge = async (options: WorldOptions = {}) => {
    const world = fakeWorld({ size, ...options });
    return judgeSubmission(world.order, world.ports);
  };
  /** Every second answer of the concurrent workload goes another way after 8 of its 32 tokens. */
  const change = (one: Answer, { traffic, index }: { traffic: Traffic; index: number }) =>
    traffic.id === 'concurrent' && index % 2 === 1
      ? { ...one, text: [...one.text.split(' ').slice(0, 8), ...Array(24).fill('x')].join(' ') }
      : one;

  it('is of the timed answers, sequential and concurrent ones', async () => {
    const same = await judge();
    expect(same.state?.correctness).toMatchObject({ tokenMatchShare: 1, prompts: 32, whole: 32 });
    const { state } = await judge({ server: { change } });
    // 20 whole ones, 12 of which a quarter is in common.
    expect(state?.correctness).toMatchObject({
      ...{ tokenMatchShare: 23 / 32, prompts: 32, whole: 20 },
    });
    const found = state?.checks.find(({ id }) => id === 'greedy-match');
    expect(found?.evidence).toMatch(
      /^32 timed greedy answers: 72 % .*\(95 % interval \d+ % to \d+ %\), 20 of 32 whole/,
    );
  });

  it('is of 16 of each workload where the reference is stored: it is asked again', async () => {
    const stored = storableReference(await judge()) as StoredReference;
    const asked: Record<string, number> = {};
    const { state } = await judge({
      ...{ server: { change }, order: { storedReference: stored } },
      onReferenceSend: ({ id, asks }) => {
        asked[id] = asks.length;
      },
    });
    expect(asked).toMatchObject({ burst: 8, concurrent: 16 });
    expect(state?.correctness).toMatchObject({ prompts: 24 });
    expect(state?.correctness?.tokenMatchShare).toBeLessThan(0.95);
  });
});
