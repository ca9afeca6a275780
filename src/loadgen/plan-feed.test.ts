import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createMonotonicClock } from '../host/index.ts';
import type { LevelPlan } from '../model/index.ts';
import type { BodyBatch, PlanRows, WorkerLevel } from './messages.ts';
import { createPlanFeed, type PlanFeed, type PlanFeedOptions } from './plan-feed.ts';
import { createStreamedPlan } from './streamed-plan.ts';

const load: LevelPlan['load'] = {
  kind: 'open',
  rateRps: 100,
  concurrencyAsked: null,
  maxConcurrency: null,
  arrival: 'constant',
};

/** Every 10 ms. */
const plan: LevelPlan = {
  load,
  seed: 1,
  countedRequests: 5000,
  durationUs: null,
  at: (index) => ({
    index,
    intendedUs: index * 10_000,
    inputTokens: index + 1,
    outputTokens: 7,
    prompt: { dataset: 'test', seed: index, row: null },
  }),
  promptText: (request) => `prompt ${request.index}`,
  hash: 'x',
};

const feeds: PlanFeed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.stop();
});

function feedOf(over: Partial<PlanFeedOptions> = {}) {
  const rows: PlanRows[] = [];
  const bodies: BodyBatch[] = [];
  const options = { plan, offset: 0, stride: 1, counted: 5000, tail: true, ...over };
  const feed = createPlanFeed({
    clock: createMonotonicClock(),
    budgetBytes: 1e9,
    makeBody: (_request, prompt) => (typeof prompt === 'string' ? prompt : ''),
    onRows: (block) => rows.push(block),
    onBodies: (batch) => bodies.push(batch),
    ...options,
  });
  feeds.push(feed);
  const made = () => bodies.reduce((sum, batch) => sum + batch.ends.length, 0);
  const level: WorkerLevel = {
    level: 0,
    idPrefix: 'r',
    originUs: 0,
    tail: options.tail,
    stopRule: null,
    budget: null,
    load: options.plan.load,
    seed: 1,
    planHash: 'x',
    countedRequests: options.counted,
    durationUs: null,
    offset: options.offset,
    stride: options.stride,
    allTexts: false,
  };
  return { feed, rows, bodies, made, level };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('createPlanFeed', () => {
  it('makes 6 s of plan, not more, and goes on as requests are sent', async () => {
    const { feed, made } = feedOf();
    await feed.prime();
    expect(made()).toBeGreaterThanOrEqual(600);
    expect(made()).toBeLessThan(610);
    feed.consumed(300);
    await settle();
    expect(made()).toBeGreaterThanOrEqual(900);
    expect(made()).toBeLessThan(910);
  });

  it('stays within its budget of bytes', async () => {
    const { feed, made } = feedOf({ budgetBytes: 10_000, makeBody: () => 'x'.repeat(1000) });
    await feed.prime();
    expect(made()).toBe(10);
    feed.consumed(4);
    await settle();
    expect(made()).toBe(14);
  });

  it('makes counted requests only where no tail follows, and hashes them in order', async () => {
    const { feed, made } = feedOf({ counted: 20, tail: false });
    await feed.prime();
    expect(made()).toBe(20);
    const hash = createHash('sha256');
    for (let i = 0; i < 20; i++) hash.update(`prompt ${i}`);
    expect(feed.figures()).toMatchObject({ made: 20, sha256: hash.digest('hex') });
  });

  it('looks ahead by callers and by what they take in a closed loop', async () => {
    const closed = { ...load, kind: 'closed' as const, rateRps: null, maxConcurrency: 50 };
    const { feed, made } = feedOf({ plan: { ...plan, load: closed } });
    await feed.prime();
    expect(made()).toBe(4 * 50 + 64);
    await new Promise((resolve) => setTimeout(resolve, 250));
    feed.consumed(100);
    await settle();
    // 100 in a quarter of a second or somewhat more: 6 s of that rate on top.
    expect(made()).toBeGreaterThan(600);
  });

  it('and the thread that is fed agree about every request, also as one of three', async () => {
    const { feed, rows, bodies, level } = feedOf({
      offset: 2,
      stride: 3,
      counted: 30,
      tail: false,
    });
    await feed.prime();
    const streamed = createStreamedPlan(level);
    for (const block of rows) streamed.addRows(block);
    for (const batch of bodies) streamed.addBodies(batch);
    for (let own = 0; own < 30; own++) {
      const { prompt: _made, ...request } = streamed.plan.at(own);
      const { prompt: _recipe, ...planned } = plan.at(2 + own * 3);
      expect(request).toEqual(planned);
      const body = streamed.takeBody(request.index);
      expect(Buffer.from(body ?? []).toString()).toBe(`prompt ${request.index}`);
    }
    expect(streamed.stock).toBe(0);
    expect(streamed.next).toBe(29);
  });

  it('hands a late body to whoever waits for it, unless the wait is over', async () => {
    const { feed, rows, bodies, level } = feedOf({ counted: 2, tail: false });
    await feed.prime();
    const streamed = createStreamedPlan(level);
    for (const block of rows) streamed.addRows(block);
    const abort = new AbortController();
    expect(streamed.takeBody(0)).toBeUndefined();
    const late = streamed.waitForBody(0, abort.signal);
    const never = streamed.waitForBody(7, abort.signal);
    for (const batch of bodies) streamed.addBodies(batch);
    expect(Buffer.from(await late).toString()).toBe('prompt 0');
    abort.abort(new Error('over'));
    await expect(never).rejects.toThrow('over');
  });
});
