import { describe, expect, it } from 'vitest';
import type { RequestRecord, SendContext } from '../model/index.ts';
import type { SimSpecInput } from './sim-spec.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { createVirtualSender, type VirtualSenderOptions } from './virtual-sender.ts';

const fixed: SimSpecInput = {
  prefill: { baseMs: 20, perTokenMs: 1 },
  decode: { kind: 'constant', itlMs: 5 },
};

/** Sends `count` requests `gapMs` apart, intended and sent at the same instant. */
async function sendAll(
  spec: SimSpecInput,
  count: number,
  options: VirtualSenderOptions & {
    gapMs?: number;
    promptText?: string;
    signal?: AbortSignal;
  } = {},
): Promise<RequestRecord[]> {
  const clock = createVirtualClock({ startUs: 1_000_000 });
  const sender = createVirtualSender(spec, clock, options);
  const originUs = clock.nowUs();
  const one = async (index: number) => {
    const intendedUs = originUs + index * (options.gapMs ?? 100) * 1000;
    await clock.sleepUntil(intendedUs);
    const context: SendContext = {
      level: 0,
      requestId: `r${index}`,
      intendedUs,
      counted: true,
      originUs,
      promptText: options.promptText ?? '',
      signal: options.signal ?? new AbortController().signal,
    };
    const prompt = { dataset: 'x', seed: index, row: null };
    return sender.send({ index, intendedUs, inputTokens: 10, outputTokens: 4, prompt }, context);
  };
  return clock.drive(Promise.all(Array.from({ length: count }, (_, i) => one(i))));
}

describe('createVirtualSender', () => {
  it('turns the model into whole records', async () => {
    const [, record] = await sendAll({ ...fixed, tokensPerChunk: [1, 3] }, 2);
    expect(record).toEqual({
      level: 0,
      index: 1,
      requestId: 'r1',
      counted: true,
      intendedUs: 100_000,
      sentUs: 100_000,
      connectUs: 0,
      headersUs: 100_000,
      firstByteUs: 130_000,
      firstChunkUs: 130_000,
      firstTokenUs: 130_000,
      lastTokenUs: 135_000,
      endUs: 135_000,
      outcome: 'ok',
      status: 200,
      error: null,
      finishReason: 'length',
      done: true,
      inputTokensAsked: 10,
      outputTokensAsked: 4,
      inputTokensUsage: 10,
      outputTokensUsage: 4,
      cachedTokensUsage: 0,
      outputTokensCounted: null,
      tokenSource: 'continuous-usage',
      chunks: { atUs: [130_000, 135_000], tokens: [1, 3], read: [0, 1], kind: [0, 0] },
    });
  });

  it('counts the words of a prompt text and knows coalesced reads and chunk kinds', async () => {
    const wire = { eventsPerWrite: 3, emptyTextEvery: 4, reasoning: { tokens: 2 } };
    const [record] = await sendAll({ ...fixed, wire }, 1, { promptText: 'one two  three' });
    expect(record?.inputTokensUsage).toBe(3);
    expect(record?.chunks).toEqual({
      atUs: [33_000, 33_000, 33_000, 38_000],
      tokens: [1, 1, 1, 1],
      read: [0, 0, 0, 1],
      kind: [1, 1, 0, 3],
    });
  });

  it('spares cached prefixes when asked to', async () => {
    const promptText = Array.from({ length: 40 }, (_, i) => `w${i}`).join(' ');
    const spec = { ...fixed, prefixCache: { blockTokens: 16 } };
    const records = await sendAll(spec, 2, { promptText });
    expect(
      records.map((r) => [r.cachedTokensUsage, (r.firstTokenUs ?? 0) - (r.sentUs ?? 0)]),
    ).toEqual([
      [0, 60_000],
      [32, 28_000],
    ]);
  });

  it.each([
    [{ kind: 'http', status: 500 }, 'http_error', 500, 0],
    [{ kind: 'http', status: 429 }, 'rate_limited', 429, 0],
    [{ kind: 'http', status: 503 }, 'overloaded', 503, 0],
    [{ kind: 'model-not-found' }, 'model_not_found', 404, 0],
    [{ kind: 'context-length' }, 'http_error', 400, 0],
    [{ kind: 'html' }, 'not_sse', 200, 0],
    [{ kind: 'empty-body' }, 'no_tokens', 200, 0],
    [{ kind: 'refuse' }, 'refused', null, 0],
    [{ kind: 'reset' }, 'reset', null, 0],
    [{ kind: 'reset', afterTokens: 2 }, 'reset', 200, 2],
    [{ kind: 'truncate', afterTokens: 0 }, 'truncated', 200, 0],
    [{ kind: 'truncate', afterTokens: 99 }, 'truncated', 200, 4],
    [{ kind: 'error-event', afterTokens: 3 }, 'stream_error', 200, 3],
    [{ kind: 'hang-before-headers' }, 'first_token_timeout', null, 0],
    [{ kind: 'stall', afterTokens: 2 }, 'timeout', 200, 2],
    [{ kind: 'stall', afterTokens: 2, stallMs: 300 }, 'ok', 200, 4],
  ] as const)('fault %j ends as %s', async (fault, outcome, status, tokens) => {
    const spec: SimSpecInput = { ...fixed, slots: 1, faults: [{ ...fault, when: { every: 2 } }] };
    const records = await sendAll(spec, 3, {
      gapMs: 5000,
      firstTokenTimeoutMs: 1000,
      requestTimeoutMs: 2000,
    });
    const [before, record, next] = records;
    expect([before?.outcome, next?.outcome]).toEqual(['ok', 'ok']);
    expect(record).toMatchObject({ outcome, status });
    expect(record?.chunks.tokens.length).toBe(tokens);
    expect(record?.finishReason === null).toBe(outcome !== 'ok');
  });

  it('ends an aborted request as cancelled and frees its slot', async () => {
    const controller = new AbortController();
    const clock = createVirtualClock();
    clock.at(1000, () => controller.abort());
    const sender = createVirtualSender({ ...fixed, slots: 1 }, clock);
    const send = (index: number, signal: AbortSignal) =>
      sender.send(
        {
          index,
          intendedUs: 0,
          inputTokens: 10,
          outputTokens: 1,
          prompt: { dataset: 'x', seed: 1, row: null },
        },
        {
          level: 0,
          requestId: 'r',
          intendedUs: 0,
          counted: true,
          originUs: 0,
          promptText: '',
          signal,
        },
      );
    const both = Promise.all([send(0, controller.signal), send(1, new AbortController().signal)]);
    const [a, b] = await clock.drive(both);
    expect(a).toMatchObject({ outcome: 'cancelled', endUs: 1000, tokenSource: 'none' });
    expect(b).toMatchObject({ outcome: 'ok', endUs: 31_000 });
  });

  it('shows a freeze in the response of everything that waited for it', async () => {
    const spec: SimSpecInput = { ...fixed, slots: 1, freeze: { atMs: 1000, durationMs: 2000 } };
    const records = await sendAll(spec, 60);
    const ttft = records.map((r) => ((r.firstTokenUs ?? 0) - r.intendedUs) / 1000);
    expect(ttft[9]).toBe(30);
    expect(ttft[10]).toBe(2030);
    expect(Math.max(...ttft)).toBe(2030);
    expect(ttft[59]).toBe(30);
  });

  it('simulates 10^5 requests through promises in seconds', async () => {
    const records = await sendAll({ ...fixed, slots: 4 }, 100_000, { gapMs: 12 });
    expect(records.every((record) => record.outcome === 'ok')).toBe(true);
    expect(records.at(-1)?.endUs).toBe(99_999 * 12_000 + 45_000);
  }, 60_000);
});
