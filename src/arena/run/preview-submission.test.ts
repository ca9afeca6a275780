import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEntryContext } from '../../engines/index.ts';
import type { Scenario } from '../../model/index.ts';
import { collectSubmission } from '../judge/collect.ts';
import { fakeWorld, type WorldOptions } from '../judge/fake-world.fixture.ts';
import { judgeSubmission } from '../judge/judge-submission.ts';
import { createPreview } from './preview-submission.ts';

/** What `./evaluate` says of a submission in a world without clocks. */
async function evaluate(
  want: 'quick' | 'full',
  options: WorldOptions = {},
  change: Partial<Scenario> = {},
) {
  const { order, ports } = fakeWorld(options);
  mkdirSync(`${order.collectDir}-here`);
  const stored = { ...order.stored, scenario: { ...order.stored.scenario, ...change } };
  const preview = createPreview(
    {
      ctx: createEntryContext(() => {}),
      ...{ stored, class: 'small', seeds: { dev: 1, eval: 2 } },
      entry: { harness: null, model: null, forcedEngine: null },
      ...{ toolVersion: '0', machine: 'm', reference: null },
    },
    {
      portsFor: async () => ports,
      judgeAgain: (_, { devSeed }) => judgeSubmission({ ...order, stored, devSeed }, ports),
    },
  );
  return preview({
    ...{ want, submissionDir: order.submissionDir, workDir: order.collectDir, seed: 1 },
    submission: await collectSubmission(order.submissionDir, `${order.collectDir}-here`),
    ...{ say: () => {}, signal: new AbortController().signal },
  });
}

const sglang: Partial<Scenario> = { id: 'sglang-system', scoring: 'sglang.v1' };
const sglangSize: WorldOptions['size'] = {
  quality: null,
  profiles: ['sequential', 'concurrent'].map((id) => ({
    ...{ id, arrival: 'burst', requests: 4, maxInFlight: 1, rateRps: null },
    ...{ inputTokens: { max: 64, lowShare: 0.8 }, outputTokens: { max: 32, lowShare: 0.8 } },
  })),
};

describe('an evaluation', () => {
  it('scores the speed as the rules do', async () => {
    const { state, score, text } = await evaluate('quick');
    expect(state.outcome).toBe('scored');
    // 30 ms a token against 10.
    expect(score).toBeCloseTo(3);
    expect(text).toMatch(/^outcome: scored\nscore: 3\.000\n/);
  });

  it('that is quick looks at speed alone where the rules ask for token match too', async () => {
    const { state, score, text } = await evaluate('quick', { size: sglangSize }, sglang);
    expect(state).toMatchObject({ outcome: 'scored', correctness: null });
    expect(score).toBeGreaterThan(1);
    expect(text).toContain('token match: not looked at');
  });

  it.each([
    [
      'answers half of the requests',
      (index: number) => (index % 2 === 0 ? { outcome: 'http_error' as const } : {}),
      /only 2 of 4 answers/,
    ],
    // Its rules fall back on 1.00: that is no figure of this server.
    ['sends all of an answer at once', () => ({ chunkAtMs: [500] }), /has no tpot/],
  ])('has no score for a server that %s, and says why', async (_, change, why) => {
    const { state, score, text } = await evaluate('quick', {
      server: { change: (answer, { index }) => ({ ...answer, ...change(index) }) },
    });
    expect(state.outcome).toBe('server_fail');
    expect(score).toBeNull();
    expect(text).toMatch(/^score: -$/m);
    expect(text).toMatch(why);
  });

  it('that is full does all that the judge does', async () => {
    const { state, score } = await evaluate('full');
    expect(state.checks.map(({ id }) => id)).toContain('usage');
    expect(score).toBeCloseTo(3);
  });
});
