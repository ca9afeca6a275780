import { describe, expect, it } from 'vitest';
import type { LoadProfile } from '../../model/index.ts';
import { findRules } from '../scoring/read-rules.ts';
import { scoreTrial } from '../scoring/score-trial.ts';
import { fakeWorld, label } from './fake-world.fixture.ts';
import { judgeSubmission } from './judge-submission.ts';
import type { JudgeOrder, StoredReference } from './order.ts';
import type { Answer, Traffic } from './ports.ts';
import { keepsUp } from './raise-rate.ts';
import { storableReference } from './stored-reference.ts';
import { trialOf } from './trial-of.ts';

/** 4 requests at 1 req/s, each of one length. */
const rated: LoadProfile = {
  ...{ id: 'burst', arrival: 'constant', requests: 4, maxInFlight: 4, rateRps: 1 },
  ...{ inputTokens: { max: 64, lowShare: 1 }, outputTokens: { max: 32, lowShare: 1 } },
};
/** One without a rate, beside it. */
const unrated: LoadProfile = { ...rated, id: 'other', arrival: 'burst', rateRps: null };

/** A side that completes so many requests a second, one at a time: 32 tokens each. */
const side = (rps: number) => ({ prefillMsPerToken: 0, decodeMs: 1000 / 32 / rps });

async function race(
  rps: { own: number; reference: number },
  storedReference: StoredReference | null = null,
) {
  const sent: { own: number[]; reference: number[] } = { own: [], reference: [] };
  const note = (list: number[], { id, rateRps }: Traffic) => {
    if (id === 'burst' && rateRps !== null) list.push(rateRps);
  };
  const order: Partial<JudgeOrder> = { storedReference };
  const world = fakeWorld({
    ...{ server: side(rps.own), reference: side(rps.reference), order },
    size: { profiles: [rated, unrated] },
    onSend: (_, traffic) => note(sent.own, traffic),
    onReferenceSend: (traffic) => note(sent.reference, traffic),
  });
  const judgement = await judgeSubmission(world.order, world.ports);
  const [own] = judgement.state?.launches[0]?.profiles ?? [];
  const [base] = judgement.reference.launches[0]?.profiles ?? [];
  const trial = await trialOf(world.order, judgement, label);
  const { doubts } = scoreTrial(trial, await findRules('speedup.v1'), '');
  const limited = doubts.find(({ id }) => id === 'rate-limited')?.message ?? null;
  const figures = [own, base].map((one) => ({
    offeredRps: one?.offeredRps,
    requests: one?.requests,
    rateLimited: one?.rateLimited,
  }));
  return { judgement, sent, figures, limited, trial, own };
}

/** What both sides were timed at. */
const both = (offeredRps: number, requests: number, rateLimited = false) =>
  Array(2).fill({ offeredRps, requests, rateLimited });

describe('the rate of a profile', () => {
  it('stays where neither side keeps up with it', async () => {
    const { figures, limited, sent } = await race({ own: 0.6, reference: 0.5 });
    expect(figures).toEqual(both(1, 4));
    expect(sent).toEqual({ own: [1], reference: [1] });
    expect(limited).toBeNull();
  });

  it('doubles for both while the judged server keeps up', async () => {
    const { figures, limited, sent } = await race({ own: 3, reference: 0.5 });
    expect(figures).toEqual(both(4, 16));
    expect(sent).toEqual({ own: [1, 2, 4], reference: [1, 4] });
    expect(limited).toBeNull();
  });

  it('doubles for both while the reference keeps up, and only it', async () => {
    const { figures, limited, sent } = await race({ own: 0.5, reference: 3 });
    expect(figures).toEqual(both(4, 16));
    expect(sent).toEqual({ own: [4], reference: [1, 2, 4] });
    expect(limited).toBeNull();
  });

  it('doubles until neither keeps up where both did', async () => {
    const { figures, limited, sent } = await race({ own: 6, reference: 3 });
    expect(figures).toEqual(both(8, 32));
    expect(sent).toEqual({ own: [4, 8], reference: [1, 2, 4, 8] });
    expect(limited).toBeNull();
  });

  it('ends at 1024 requests, and the score says so', async () => {
    const { figures, limited, own } = await race({ own: 5000, reference: 5000 });
    expect(figures).toEqual(both(256, 1024, true));
    expect(own).toMatchObject({ rateCap: 'requests' });
    expect(limited).toMatch(/burst \(256 req\/s, .*no profile has more than 1024 requests\)/);
  });

  it('ends where the reference would need more than 5 minutes, and the score says so', async () => {
    // 128 requests take it 256 s, 256 would take 512 s.
    const { figures, limited, own } = await race({ own: 5000, reference: 0.5 });
    expect(figures).toEqual([
      { offeredRps: 32, requests: 128, rateLimited: true },
      { offeredRps: 32, requests: 128, rateLimited: false },
    ]);
    expect(own).toMatchObject({ rateCap: 'time' });
    expect(limited).toMatch(/burst \(32 req\/s, .*would need more than 5 minutes\)/);
  });
});

describe('the rate of a profile with a stored reference', () => {
  const stored = async () =>
    storableReference((await race({ own: 0.5, reference: 3 })).judgement) as StoredReference;

  it('is the stored one, where the judged server does not keep up with that', async () => {
    const { figures, sent, trial } = await race({ own: 2, reference: 3 }, await stored());
    expect(figures).toEqual(both(4, 16));
    expect(sent).toEqual({ own: [4], reference: [] });
    expect(trial.reference).toMatchObject({ measured: 'stored' });
    expect(trial.reference).not.toHaveProperty('again');
  });

  it('is another one for both where it does: that profile is measured again', async () => {
    const known = await stored();
    const { figures, sent, trial } = await race({ own: 12, reference: 3 }, known);
    expect(figures).toEqual(both(16, 64));
    expect(sent).toEqual({ own: [4, 8, 16], reference: [16] });
    expect(trial.reference).toMatchObject({ measured: 'stored', again: ['burst'] });
    const other = (launches: StoredReference['launches']) => launches[0]?.profiles[1];
    expect(other(trial.reference.launches)).toEqual(other(known.launches));
  });
});

describe('keeping up', () => {
  const traffic = { rateRps: 2 } as Traffic;
  const answers = (endsMs: readonly number[], latencyMs = 1000) =>
    endsMs.map((endMs) => ({ outcome: 'ok', endMs, latencyMs }) as Answer);
  const ends = (gapMs: number, behindMs = 1000) =>
    Array.from({ length: 16 }, (_, at) => at * gapMs + behindMs);

  it('is no matter of how long an answer takes', () => {
    expect(keepsUp(traffic, answers(ends(500)))).toBe(true);
    expect(keepsUp(traffic, answers(ends(500, 9000), 9000))).toBe(true);
  });

  it('is not to fall behind, by more than 5 %', () => {
    expect(keepsUp(traffic, answers(ends(525)))).toBe(true);
    expect(keepsUp(traffic, answers(ends(530)))).toBe(false);
  });

  it('is not to fail, and there is nothing to keep up with in a burst', () => {
    const failing = answers(ends(500)).map((one, at) =>
      at % 2 === 0 ? one : { ...one, outcome: 'http_error' as const },
    );
    expect(keepsUp(traffic, failing)).toBe(false);
    expect(keepsUp({ ...traffic, rateRps: null }, answers(ends(500)))).toBe(false);
  });
});
