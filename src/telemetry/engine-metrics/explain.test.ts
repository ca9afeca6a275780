import { describe, expect, it } from 'vitest';
import type { LevelEngine, LevelSummary, ViewFigures } from '../../model/index.ts';
import { explainKnee } from './explain-knee.ts';
import { judgeViews } from './judge-views.ts';

const engine = (over: Partial<LevelEngine>): LevelEngine => ({
  ...{ samples: 30, spanS: 30, running: { mean: 8, max: 8 }, waiting: { mean: 0, max: 0 } },
  ...{ kvUse: { mean: 0.3, max: 0.4 }, preemptions: 0, prefixHitShare: 0, acceptedShare: null },
  ...{ promptTokensPerS: 1, generationTokensPerS: 1, queueMs: 0, prefillMs: 1, decodeMs: 1 },
  ...{ ttft: null, e2e: null, reason: null },
  ...over,
});
const level = (index: number, said?: Partial<LevelEngine>) =>
  ({ index, ...(said && { engine: engine(said) }) }) as LevelSummary;

const view = (engineMs: number, clientMs: number, counts = [100, 100]): ViewFigures => ({
  ...{ engineMs, clientMs, outsideMs: clientMs - engineMs },
  ...{ engineRequests: counts[0] ?? 0, clientRequests: counts[1] ?? 0 },
});

describe('explainKnee', () => {
  it.each([
    ['preemptions', { preemptions: 4, waiting: { mean: 9, max: 20 } }, 'ran full'],
    [
      'a full KV cache',
      { kvUse: { mean: 0.9, max: 0.99 }, waiting: { mean: 9, max: 20 } },
      'KV cache is full',
    ],
    ['a queue before a full batch', { waiting: { mean: 9, max: 20 } }, 'full batch'],
    ['none of these', { running: { mean: 40, max: 50 } }, 'no queue at the engine'],
  ])('sees %s', (_, said, words) => {
    const [finding, ...more] = explainKnee(level(1, {}), level(2, said));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'knee-cause', severity: 'info', level: 2 });
    expect(finding?.message).toContain(words);
    expect(finding?.message).toContain('Before it: 8 running (at most 8), 0 waiting');
  });

  it('says nothing where the engine does not, and of nothing that it does not tell', () => {
    expect(explainKnee(level(1, {}), level(2))).toEqual([]);
    expect(explainKnee(level(1), null)).toEqual([]);
    expect(explainKnee(null, level(2, { waiting: null, preemptions: null }))).toEqual([]);
    const [finding] = explainKnee(null, level(2, { waiting: { mean: 3, max: 4 }, kvUse: null }));
    expect(finding?.message).toContain('it does not tell');
    expect(finding?.message).not.toContain('Before it');
  });
});

describe('judgeViews', () => {
  const codes = (ttft: ViewFigures) =>
    judgeViews([level(3, { ttft })]).map(({ code, level: at }) => [code, at]);

  it('is content where client and engine agree', () => {
    expect(codes(view(100, 104))).toEqual([]);
    // Below what clocks and a scrape can tell.
    expect(codes(view(5, 3))).toEqual([]);
    // Too few to say.
    expect(codes(view(100, 900, [5, 5]))).toEqual([]);
  });

  it.each([
    ['less wait here than there', view(100, 90)],
    ['more requests there than here', view(100, 104, [140, 100])],
    ['fewer requests there than here', view(100, 104, [70, 100])],
  ])('finds %s', (_, ttft) => {
    expect(codes(ttft)).toEqual([['engine-disagrees', 3]]);
  });

  it('finds a client that is through with more requests than the engine, whatever the means', () => {
    const ahead = { upToMs: 40, engineRequests: 10, clientRequests: 60 };
    const agreeing = { ...view(100, 104), spread: { quantiles: [], ahead } };
    const [finding, ...more] = judgeViews([level(3, { ttft: agreeing })]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'engine-disagrees', level: 3 });
    expect(finding?.message).toContain('60 requests took the client up to 40 ms');
    // A few at the edges of the window.
    const few = { ...ahead, clientRequests: 19 };
    expect(codes({ ...agreeing, spread: { quantiles: [], ahead: few } })).toEqual([]);
  });

  it('finds tokens that arrive in another rhythm than they are made in', () => {
    const rhythm = (...args: Parameters<typeof view>) =>
      judgeViews([level(3, { tpot: view(...args) })]).map(({ code }) => code);
    expect(rhythm(20, 24)).toEqual([]);
    expect(rhythm(20, 16)).toEqual([]);
    expect(rhythm(20, 30)).toEqual(['engine-disagrees']);
    // vllm bench serve beside the server's own histogram, ../shared/research/engines-measured.md.
    expect(rhythm(7.3, 3.65)).toEqual(['engine-disagrees']);
    expect(rhythm(7.3, 3.65, [100, 50])).toEqual([]);
  });

  it('points at much time outside the engine', () => {
    expect(codes(view(100, 180))).toEqual([['time-outside-engine', 3]]);
    expect(codes(view(10, 25))).toEqual([]);
  });
});
