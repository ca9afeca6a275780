import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenarioSize } from '../../model/index.ts';
import { chanceOfMissing } from '../checks/canaries.ts';
import { drawPlaces } from './canary-traffic.ts';
import { fakeWorld, type WorldOptions } from './fake-world.fixture.ts';
import { judgeSubmission } from './judge-submission.ts';
import type { Ask, Traffic } from './ports.ts';
import { rememberScores } from './remember-scores.ts';

async function judged(options: WorldOptions = {}) {
  const sent: Traffic[] = [];
  const world = fakeWorld({ ...options, onSend: (_, traffic) => sent.push(traffic) });
  const judgement = await judgeSubmission(world.order, world.ports);
  const asksOf = (id: string, timed = false) =>
    sent.filter((one) => one.id === id && one.timed === timed).flatMap(({ asks }) => asks);
  const size = world.order.stored.scenario.classes.small;
  return { judgement, sent, asksOf, size };
}

function inRange({ profiles: [profile] }: ScenarioSize) {
  const { inputTokens: input, outputTokens: output } = profile!;
  return (ask: Ask) =>
    ask.inputTokens >= input.lowShare * input.max &&
    ask.inputTokens <= input.max &&
    ask.outputTokens >= output.lowShare * output.max &&
    ask.outputTokens <= output.max;
}

describe('lengths of probes', () => {
  it.each(['gate', 'repeat', 'relaunch-known', 'relaunch'])(
    'of %s are drawn as those of timed requests',
    async (id) => {
      const { asksOf, size } = await judged();
      const asks = asksOf(id);
      expect(asks.filter((ask) => !inRange(size)(ask))).toEqual([]);
      expect(new Set(asks.map((ask) => ask.outputTokens)).size).toBeGreaterThan(1);
      expect(new Set(asks.map((ask) => ask.inputTokens)).size).toBeGreaterThan(1);
    },
  );

  it('of a pair are those of timed requests on its larger side', async () => {
    const { asksOf, size } = await judged();
    const timedForm = inRange(size);
    const firstChunk = asksOf('first-chunk').map(timedForm);
    expect(firstChunk).toEqual(Array(8).fill([false, true, false]).flat());
    expect(asksOf('held-back').map(timedForm)).toEqual(Array(8).fill([false, true]).flat());
  });

  it('of a known prompt and a fresh one are the same', async () => {
    const { asksOf } = await judged();
    const lengths = asksOf('relaunch').map(({ inputTokens, outputTokens }) => [
      inputTokens,
      outputTokens,
    ]);
    expect(lengths).toHaveLength(8);
    for (let at = 0; at < 8; at += 2) expect(lengths[at]).toEqual(lengths[at + 1]);
  });

  it('leave none that only timed requests have', async () => {
    const { asksOf } = await judged({ size: { quality: { marginPoints: 20, minQuestions: 80 } } });
    const probed = new Set(asksOf('gate').map(({ outputTokens }) => outputTokens));
    expect([...probed].toSorted((a, b) => a - b)).toEqual([26, 27, 28, 29, 30, 31, 32]);
  });

  it('of greedy probes are those of timed requests where these are greedy too', async () => {
    const greedy = await judged({ size: { temperature: 0 } });
    for (const id of ['greedy', 'alone', 'burst']) {
      const asks = greedy.asksOf(id);
      expect(asks.length).toBeGreaterThan(0);
      expect(asks.filter((ask) => !inRange(greedy.size)(ask))).toEqual([]);
    }
  });
});

describe('canaries', () => {
  it('stand in the timed traffic of both sides, in its form, and count in no time', async () => {
    const reference: Traffic[] = [];
    const { judgement, sent, size } = await judged({
      reference: {
        change: (answer, { traffic, index }) => {
          if (traffic.timed && index === 0 && traffic.id === 'burst') reference.push(traffic);
          return answer;
        },
      },
    });
    const [own] = sent.filter(({ timed }) => timed);
    const asks = own?.asks ?? [];
    expect(asks).toEqual(reference[0]?.asks);
    expect(asks.map(({ canary }) => canary !== undefined).filter(Boolean)).toHaveLength(3);
    expect(asks).toHaveLength(11);
    expect(asks.filter((ask) => !inRange(size)(ask))).toEqual([]);
    expect(new Set(asks.map(({ temperature }) => temperature)).size).toBe(1);
    const [figures] = judgement.state?.launches[0]?.profiles ?? [];
    expect(figures?.perRequest?.tpotMs).toHaveLength(8);
    expect(figures).toMatchObject({ requests: 8, validRequests: 8 });
  });

  it('are never first or last, and never two together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (requests, seed) => {
        const places = drawPlaces(requests, 3, seed);
        expect(places).toHaveLength(Math.min(3, requests - 1));
        expect(new Set(places).size).toBe(places.length);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        for (const place of places) {
          expect(place).toBeGreaterThanOrEqual(1);
          expect(place).toBeLessThan(requests);
        }
      }),
    );
  });

  const missing = (first: number): WorldOptions => ({
    server: {
      change: (one, { traffic }) => {
        const canaries = traffic.asks.filter(({ canary }) => canary !== undefined);
        const at = canaries.indexOf(one.ask);
        return at >= 0 && at < first ? { ...one, text: one.text.replace(/^\w+/, 'no') } : one;
      },
    },
  });
  const found = async (options: WorldOptions) => {
    const { judgement } = await judged(options);
    return judgement.state?.checks.find(({ id }) => id === 'canaries');
  };

  it.each([
    // Of three that the reference misses once in four: 58, 16 and 1.6 %.
    [0, 'pass'],
    [1, 'pass'],
    [2, 'pass'],
    [3, 'fail'],
  ] as const)(
    'missed by %i of three that the reference mostly knows: %s',
    async (missed, verdict) => {
      const score = () => ({ logProb: Math.log(0.75) });
      const check = await found({ ...missing(missed), score });
      expect(check).toMatchObject({ verdict, required: false });
      expect(check?.evidence).toContain(`75 %, 75 %, 75 %: the server missed ${missed}`);
    },
  );

  it.each([
    [0.5, 'pass'],
    [0.6, 'flag'],
    [0.2, 'not_run'],
  ] as const)('all missed that the reference knows with %f: %s', async (share, verdict) => {
    const score = () => ({ logProb: Math.log(share) });
    expect(await found({ ...missing(3), score })).toMatchObject({ verdict });
  });

  it('under greedy decoding need a first choice without a near tie', async () => {
    const size = { temperature: 0 };
    expect(await found({ size, score: () => ({ topMarginNats: 0.9 }) })).toMatchObject({
      verdict: 'not_run',
    });
    expect(await found({ size, score: () => ({ topMarginNats: 9, rank: 1 }) })).toMatchObject({
      verdict: 'not_run',
    });
    expect(await found({ ...missing(3), size, score: () => ({ topMarginNats: 9 }) })).toMatchObject(
      {
        verdict: 'fail',
      },
    );
  });

  it('are missed by chance as often as all ways of missing so many come to', () => {
    expect(chanceOfMissing(0, [0.5, 0.25])).toBeCloseTo(1);
    expect(chanceOfMissing(1, [0.5, 0.25])).toBeCloseTo(1 - 0.5 * 0.25);
    expect(chanceOfMissing(2, [0.5, 0.25])).toBeCloseTo(0.5 * 0.75);
    const certainties = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(certainties, (all) => {
        const ways = Array.from({ length: 2 ** all.length }, (_, way) => {
          const right = all.map((_, at) => ((way >> at) & 1) === 1);
          const chance = all.reduce((product, p, at) => product * (right[at] ? p : 1 - p), 1);
          return { missed: right.filter((one) => !one).length, chance };
        });
        for (let missed = 0; missed <= all.length; missed++) {
          const total = ways
            .filter((one) => one.missed >= missed)
            .reduce((sum, { chance }) => sum + chance, 0);
          expect(chanceOfMissing(missed, all)).toBeCloseTo(total, 9);
        }
      }),
      { numRuns: 50 },
    );
  });
});

it('replays the same reply to the same ask once', async () => {
  let replays = 0;
  const oracle = rememberScores({
    countTokens: async () => [],
    countPrompt: async () => 0,
    score: async () => {
      replays += 1;
      return [];
    },
  });
  const ask = { messages: [], ignoreEos: true };
  await oracle.score(ask, 'a', 1);
  await oracle.score(ask, 'a', 1);
  expect(replays).toBe(1);
  await oracle.score(ask, 'b', 1);
  await oracle.score(ask, 'a', 0);
  await oracle.score({ ...ask }, 'a', 1);
  expect(replays).toBe(4);
});
