import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedRequest, RequestRecord, SendContext } from '../model/index.ts';
import { createBalancedSender, type PreparingSender, roundRobinIndex } from './balanced-sender.ts';
import { defaultTarget } from './client-target.ts';
import { createSender } from './create-sender.ts';

/** Senders that end a request when told to. */
function createRig(count: number, balance: 'round-robin' | 'least-outstanding') {
  const log: string[] = [];
  const ends: (() => void)[][] = [];
  const senders = Array.from({ length: count }, (_, i): PreparingSender => {
    const own: (() => void)[] = [];
    ends.push(own);
    return {
      transport: i === 0 ? 'raw' : 'undici',
      send: (request) =>
        new Promise((resolve) => {
          own.push(() => resolve({ index: request.index, targetIndex: 0 } as RequestRecord));
        }),
      prepareRequest: (request) => log.push(`made ${request.index} at ${i}`),
      prepare: async (inFlight) => void log.push(`${inFlight} at ${i}`),
      close: async () => void log.push(`closed ${i}`),
    };
  });
  const sender = createBalancedSender(senders, balance);
  const send = (index: number) => sender.send({ index } as PlannedRequest, {} as SendContext);
  return { sender, send, ends, log };
}

describe('round robin', () => {
  it('sends each round to all URLs, and the next one from elsewhere on', () => {
    const order = (urls: number, count: number) =>
      Array.from({ length: count }, (_, i) => roundRobinIndex(i, urls));
    expect(order(1, 4)).toEqual([0, 0, 0, 0]);
    // Rounds 1, 2 and 3 begin at 2, 4 and 6 plus fmix32 of them: 0x514e28b7, 0x30f4c306, 0x85f0b427.
    expect(order(2, 8)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
    expect(order(3, 12)).toEqual([0, 1, 2, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 40 }), (round, urls) => {
        const places = Array.from({ length: urls }, (_, i) =>
          roundRobinIndex(round * urls + i, urls),
        );
        expect(places.toSorted((x, y) => x - y)).toEqual(Array.from({ length: urls }, (_, i) => i));
      }),
    );
  });

  it('is even on every thread that takes its share of the plan', () => {
    for (const urls of [2, 3, 4, 5]) {
      for (const threads of [1, 2, 3, 4, 5, 6, 8]) {
        for (let thread = 0; thread < threads; thread++) {
          const counts = new Array<number>(urls).fill(0);
          const taken = 4000;
          for (let i = 0; i < taken; i++) {
            const place = roundRobinIndex(thread + i * threads, urls);
            counts[place] = (counts[place] ?? 0) + 1;
          }
          for (const count of counts) expect(count / (taken / urls)).toBeGreaterThan(0.8);
        }
      }
    }
  });

  it('depends on the plan alone, and the record tells', async () => {
    const { send, ends, sender, log } = createRig(3, 'round-robin');
    const pending = [5, 0, 3, 4].map(send);
    for (const own of ends) for (const end of own) end();
    expect((await Promise.all(pending)).map((record) => record.targetIndex)).toEqual([0, 0, 1, 2]);
    sender.prepareRequest?.({ index: 4 } as PlannedRequest, { requestId: 'r', promptText: '' });
    await sender.prepare?.(10);
    await sender.close();
    // 10 / 3 and twice the root of 10 * 1/3 * 2/3, rounded up.
    expect(log).toEqual([
      'made 4 at 2',
      '7 at 0',
      '6 at 1',
      '6 at 2',
      'closed 0',
      'closed 1',
      'closed 2',
    ]);
    expect(sender.transport).toBe('raw+undici');
  });
});

describe('least outstanding', () => {
  it('goes where the fewest are in flight, the first of equals', async () => {
    const { send, ends, sender, log } = createRig(3, 'least-outstanding');
    const pending = [0, 1, 2, 3].map(send);
    expect(ends.map((own) => own.length)).toEqual([2, 1, 1]);
    ends[2]?.[0]?.();
    await pending[2];
    pending.push(send(4), send(5));
    // The freed one first; then the second, which has fewer than the first.
    expect(ends.map((own) => own.length)).toEqual([2, 2, 2]);
    for (const own of ends) for (const end of own) end();
    const records = await Promise.all(pending);
    expect(records.map((record) => record.targetIndex)).toEqual([0, 1, 2, 0, 2, 1]);
    sender.prepareRequest?.({ index: 4 } as PlannedRequest, { requestId: 'r', promptText: '' });
    await sender.prepare?.(2);
    expect(log).toEqual(['1 at 0', '1 at 1', '0 at 2']);
  });
});

describe('a target of several URLs', () => {
  const clock = { nowUs: () => 0, wallMs: () => 0, sleepUntil: () => Promise.resolve() };
  const urls = ['http://127.0.0.1:1/v1', 'https://127.0.0.1:2/v1'];
  const target = { ...defaultTarget, url: urls[0] ?? '', urls, model: 'm' };

  it('takes for each the path that suits it', () => {
    expect(createSender(target, { clock }).transport).toBe('raw+undici');
    expect(createSender({ ...target, urls: [] }, { clock }).transport).toBe('raw');
    expect(createSender({ ...target, urls: urls.slice(1) }, { clock }).transport).toBe('undici');
    expect(createSender({ ...target, urls: [], proxy: 'http://p' }, { clock }).transport).toBe(
      'undici',
    );
  });

  it('needs a connection for each', () => {
    expect(() => createSender({ ...target, connections: 1 }, { clock })).toThrow(
      expect.objectContaining({ code: 'USAGE_ENDPOINT' }),
    );
  });
});
