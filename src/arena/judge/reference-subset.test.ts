import { describe, expect, it } from 'vitest';
import { createRng } from '../../core/index.ts';
import type { LoadProfile, SpeedTerm } from '../../model/index.ts';
import { fakeWorld } from './fake-world.fixture.ts';
import { judgeSubmission } from './judge-submission.ts';
import { seedsFrom } from './make-ask.ts';
import type { Answer, Ask, AskedServer, Traffic } from './ports.ts';
import { timeReference, worstHalfWidth } from './reference-subset.ts';

const ask: Ask = {
  messages: [],
  inputTokens: 1,
  outputTokens: 11,
  temperature: 0,
  ignoreEos: true,
};
const answerIn = (ttftMs: number, endMs: number, one = ask): Answer => ({
  ...{ ask: one, outcome: 'ok', status: 200, error: null, finishReason: 'length', text: 'a' },
  ...{ firstText: 'a', claimedInputTokens: 1, claimedOutputTokens: 11, ttftMs },
  ...{ latencyMs: ttftMs + 100, chunkAtMs: [ttftMs, ttftMs + 100], endMs },
});

describe('worstHalfWidth, by hand', () => {
  it('of a median is by order statistics', () => {
    // 1 to 16: the interval of a median of 16 is from the 4th to the 13th, its middle 8.5.
    const answers = Array.from({ length: 16 }, (_, at) => answerIn(at + 1, 0));
    expect(worstHalfWidth(answers, ['ttft_p50'])).toBeCloseTo((13 - 4) / 2 / 8.5, 12);
    expect(worstHalfWidth(answers, ['tpot_p50'])).toBe(0);
    expect(worstHalfWidth(answers, ['tpot_p50', 'ttft_p50'])).toBeCloseTo(4.5 / 8.5, 12);
  });

  it('of a rate is that of the mean time between two ends', () => {
    // 90 and 110 ms in turns: s = sqrt(1600 / 15), t(0.975, 15) = 2.13145.
    let endMs = 0;
    const answers = Array.from({ length: 16 }, (_, at) => {
      endMs += at % 2 === 0 ? 90 : 110;
      return answerIn(1, endMs);
    });
    const expected = (2.13145 * Math.sqrt(1600 / 15)) / 4 / 100;
    expect(worstHalfWidth(answers, ['valid_completed_rate'])).toBeCloseTo(expected, 5);
  });

  it('of too few is not known', () => {
    expect(worstHalfWidth([answerIn(1, 1)], ['ttft_p50'])).toBeNull();
    expect(worstHalfWidth([answerIn(1, 1)], ['valid_completed_rate'])).toBeNull();
  });
});

describe('timeReference', () => {
  /** Its times spread by this share to both sides, evenly. */
  const server = (spread: number) => {
    const sent: Traffic[] = [];
    const rng = createRng(1, 'times');
    const asked: AskedServer = {
      async send(traffic) {
        sent.push(traffic);
        let endMs = 0;
        return traffic.asks.map((one) => {
          const ttftMs = 100 * (1 + spread * (2 * rng.next() - 1));
          endMs += ttftMs;
          return answerIn(ttftMs, endMs, one);
        });
      },
    };
    return { asked, sent };
  };
  const profile: LoadProfile = {
    ...{ id: 'burst', arrival: 'burst', requests: 64, maxInFlight: 1, rateRps: null },
    ...{ inputTokens: { max: 1, lowShare: 1 }, outputTokens: { max: 11, lowShare: 1 } },
  };
  const time = async (
    spread: number,
    changes: Partial<LoadProfile> = {},
    options: {
      kind?: 'pytorch' | 'launcher';
      subset?: boolean;
      seed?: string;
      factor?: number;
    } = {},
  ) => {
    const own = { ...profile, ...changes };
    const { kind = 'pytorch', subset = true, seed = 'a', factor = 1 } = options;
    const asks = Array.from({ length: own.requests * factor }, (_, at) => ({
      ...ask,
      inputTokens: at,
    }));
    const { asked, sent } = server(spread);
    const reference = {
      ...{ kind, description: '' },
      ...(subset && { subset: { least: 16, until: 0.03 } }),
    };
    const terms: SpeedTerm[] =
      own.maxInFlight === 1 ? ['ttft_p50'] : ['ttft_p50', 'valid_completed_rate'];
    const rule = { reference, terms, seedOf: seedsFrom(seed) };
    return { ...(await timeReference(asked, { profile: own, asks, seed: 7 }, factor, rule)), sent };
  };

  it('asks 16 where all are alike', async () => {
    const { answers, subset, places, sent, traffic } = await time(0);
    expect(answers).toHaveLength(16);
    expect(subset).toEqual({ profile: 'burst', requests: 16, of: 64, halfWidth: 0, until: 0.03 });
    expect(sent).toHaveLength(1);
    // Of places all over the profile, each answer to its own request.
    expect(new Set(places).size).toBe(16);
    expect(Math.max(...(places ?? []))).toBeGreaterThan(16);
    expect(traffic.asks.map(({ inputTokens }) => inputTokens)).toEqual(places);
    expect(answers.map((one) => one.ask.inputTokens)).toEqual(places);
  });

  it('goes on until the median is certain, and no further', async () => {
    const { subset, answers, sent } = await time(0.1);
    expect(subset?.requests).toBeGreaterThan(16);
    expect(subset?.requests).toBeLessThan(64);
    expect(subset?.halfWidth).toBeLessThanOrEqual(0.03);
    expect(worstHalfWidth(answers.slice(0, 16), ['ttft_p50'])).toBeGreaterThan(0.03);
    // Its clock goes on over all that was sent: as long as all took together.
    const lastMs = Math.max(...answers.map(({ endMs }) => endMs));
    const total = answers.reduce((sum, one) => sum + (one.ttftMs ?? 0), 0);
    expect(lastMs).toBeCloseTo(total, 6);
    expect(sent.flatMap(({ asks }) => asks)).toHaveLength(answers.length);
  });

  it('asks all where that is not enough, and tells how certain it is', async () => {
    const { subset } = await time(0.9);
    expect(subset).toMatchObject({ requests: 64, of: 64 });
    expect(subset?.halfWidth).toBeGreaterThan(0.03);
  });

  it('depends on the seed alone', async () => {
    expect((await time(0)).places).toEqual((await time(0.001)).places);
    expect((await time(0)).places).not.toEqual((await time(0, {}, { seed: 'b' })).places);
  });

  it('asks at least as many as are in flight, and of what was doubled as many', async () => {
    const many = { requests: 64, maxInFlight: 32, arrival: 'poisson' as const, rateRps: 4 };
    expect((await time(0, many)).subset).toMatchObject({ requests: 32, of: 64 });
    const doubled = await time(0, many, { factor: 2 });
    expect(doubled.subset).toMatchObject({ requests: 32, of: 128 });
    expect(doubled.sent[0]).toMatchObject({ arrival: 'poisson', rateRps: 8, maxInFlight: 32 });
  });

  it.each([
    ['without a subset', {}, { subset: false }],
    ['of 16 requests', { requests: 16 }, {}],
    ['in flight together, by a reference that may batch', { maxInFlight: 4 }, { kind: 'launcher' }],
  ] as const)('asks all %s', async (_, changes, options) => {
    const { subset, places, answers } = await time(0.5, changes, options);
    expect({ subset, places }).toEqual({ subset: null, places: null });
    expect(answers).toHaveLength({ ...profile, ...changes }.requests);
  });
});

it('compares times of the same requests, and rates of all', async () => {
  // Both sides take as long for the same prompt: over the same requests the ratio is 1.
  const alike = { prefillMsPerToken: 1, decodeMs: 10 };
  const burst = { ...profileOf(64), inputTokens: { max: 64, lowShare: 0.5 } };
  const world = fakeWorld({
    ...{ server: alike, reference: alike },
    size: {
      profiles: [burst],
      reference: { kind: 'launcher', description: 'fake', subset: { least: 16, until: 0.2 } },
    },
  });
  world.order.stored.scenario.id = 'prefill';
  const { reference, state } = await judgeSubmission(world.order, world.ports);
  const [subset] = reference.subset ?? [];
  expect(subset).toMatchObject({ profile: 'burst', of: 64 });
  expect(subset?.requests).toBeLessThan(64);
  const [own] = state?.launches[0]?.profiles ?? [];
  const [base] = reference.launches[0]?.profiles ?? [];
  expect(own?.ttftP50Ms).toBeCloseTo(base?.ttftP50Ms ?? 0, 9);
  expect(own).toMatchObject({ requests: 64, validRequests: 64 });
  expect(base).toMatchObject({ requests: subset?.requests });
});

function profileOf(requests: number): LoadProfile {
  return {
    ...{ id: 'burst', arrival: 'burst', requests, maxInFlight: 1, rateRps: null },
    ...{ inputTokens: { max: 64, lowShare: 0.8 }, outputTokens: { max: 32, lowShare: 0.8 } },
  };
}
