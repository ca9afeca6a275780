import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRecord, TokenCounter } from '../model/index.ts';
import { noConnect } from './connect-times.ts';
import { countTokensPerChunk } from './growing-prefixes.ts';
import { createRequestRecorder } from './request-recorder.ts';
import { resolveChunkTokens } from './resolve-tokens.ts';

/** A token is up to three letters of one word with the blank before it, or one other character. */
const pattern = / ?[a-z]{1,3}|[^a-z]/gu;
const tokensOf = (text: string) => text.match(pattern)?.length ?? 0;

function createCounter(): TokenCounter & { calls: number } {
  return {
    source: 'test',
    calls: 0,
    async count(texts) {
      this.calls++;
      return texts.map(tokensOf);
    },
  };
}

function recordOf(
  pieces: readonly string[],
  usage: number | null,
  finish = 'length',
  field = 'content',
): RequestRecord {
  const recorder = createRequestRecorder(
    { index: 0, inputTokens: 1, outputTokens: 1 },
    { level: 0, requestId: 'r', intendedUs: 0, counted: true, originUs: 0 },
  );
  const send = (value: unknown) => {
    recorder.data(2, Buffer.from(`data: ${JSON.stringify(value)}\n\n`), 0);
  };
  recorder.sent(0, noConnect);
  recorder.headers(1, 200, { 'content-type': 'text/event-stream' });
  for (const text of pieces) send({ choices: [{ index: 0, delta: { [field]: text } }] });
  send({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (usage !== null) send({ choices: [], usage: { prompt_tokens: 1, completion_tokens: usage } });
  recorder.end(3);
  if (recorder.record === null) throw new Error('not ended');
  return recorder.record;
}

describe('tokens per chunk', () => {
  it('come from growing prefixes where nothing else tells', async () => {
    const record = recordOf(['abc', ' abcd', 'ef', '', ' a b c'], 6);
    expect(record.tokenSource).toBe('assumed');
    const { sources } = await resolveChunkTokens([record], createCounter());
    // abc | abc, d | (d grows to def) | a, b, c: chunks tokenised alone would give 1 + 2 + 1 + 3.
    expect(Array.from(record.chunks.tokens)).toEqual([1, 2, 0, 3]);
    expect(record).toMatchObject({ tokenSource: 'tokenizer', outputTokensCounted: 6 });
    expect(sources).toEqual({ tokenizer: 1 });
  });

  it('are not scaled to a usage that disagrees', async () => {
    const record = recordOf(['abc', ' abcd'], 9);
    await resolveChunkTokens([record], createCounter());
    expect(Array.from(record.chunks.tokens)).toEqual([1, 2]);
    expect(record).toMatchObject({ outputTokensUsage: 9, outputTokensCounted: 3 });
  });

  it('stay assumed without a counter, and one per chunk where the usage says so', async () => {
    const records = [recordOf(['abc', ' abcd'], 9), recordOf(['a', 'b'], 2), recordOf([], 0)];
    const resolution = await resolveChunkTokens(records, null);
    expect(resolution).toEqual({
      sources: { assumed: 1, 'one-per-chunk': 1, none: 1 },
      crossCheck: null,
      counterError: null,
      malformed: 0,
    });
    expect(Array.from(records[0]?.chunks.tokens ?? [])).toEqual([1, 1]);
  });

  it('leave the records alone when the counter fails', async () => {
    const record = recordOf(['abc', ' abcd'], 9);
    const broken: TokenCounter = { source: 'x', count: () => Promise.reject(new Error('gone')) };
    expect((await resolveChunkTokens([record], broken)).counterError).toBe('gone');
    expect(record.tokenSource).toBe('assumed');
  });

  it('count a token from where it stays: a longer prefix may hold fewer tokens', async () => {
    const counts: Record<string, number> = { '': 0, x: 1, xy: 3, xyz: 3, xyzw: 2, xyzwv: 4 };
    const counter: TokenCounter = {
      source: 'test',
      count: (texts) => Promise.resolve(texts.map((text) => counts[text] ?? Number.NaN)),
    };
    const record = recordOf([...'xyzwv'], null);
    await resolveChunkTokens([record], counter);
    expect(Array.from(record.chunks.tokens)).toEqual([1, 1, 0, 0, 2]);
    expect(record.outputTokensCounted).toBe(4);
  });

  it('add up to the tokens of the whole text, short or long, however it is cut', async () => {
    const words = fc.stringMatching(/^[a-z]{0,5}$/).map((word) => ` ${word}`);
    const pieces = fc.array(
      fc.oneof(words, fc.constantFrom('ab', 'é', '😀', '.', 'a'.repeat(700))),
      {
        maxLength: 60,
      },
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const text = parts.join('');
        let end = 0;
        const segments = parts.map((part, row) => ({ row, lane: 0, end: (end += part.length) }));
        const { tokens, total } = await countTokensPerChunk(
          { lanes: [{ choice: 0, kind: 0, text }], segments },
          parts.length,
          createCounter(),
        );
        expect(total).toBe(tokensOf(text));
        expect(Math.min(0, ...tokens)).toBe(0);
        const sum = tokens.reduce((x, y) => x + y, 0);
        // Beyond one block the runs of letters may be cut at another place than in the whole.
        if (text.length <= 4096) expect(sum).toBe(total);
        else expect(Math.abs(sum - total)).toBeLessThanOrEqual(total * 0.02 + 2);
      }),
    );
  });
});

describe('the cross-check of usage and tokenizer', () => {
  it('finds no disagreement where there is none', async () => {
    const records = [recordOf(['abc', ' abc'], 2), recordOf(['a b', ' c'], 3)];
    const { crossCheck } = await resolveChunkTokens(records, createCounter());
    expect(crossCheck).toEqual({
      source: 'test',
      requests: 2,
      countedTokens: 5,
      usageTokens: 5,
      disagreementShare: 0,
    });
  });

  it('gives the share that is off, in both directions', async () => {
    const records = [recordOf(['a b'], 4), recordOf(['a b c d'], 2)];
    const { crossCheck } = await resolveChunkTokens(records, createCounter());
    expect(crossCheck?.disagreementShare).toBeCloseTo((2 + 2) / 6, 12);
  });

  it('allows the end-of-text token of a model that stopped by itself', async () => {
    const counter = createCounter();
    const stopped = await resolveChunkTokens([recordOf(['a b'], 3, 'stop')], counter);
    const cut = await resolveChunkTokens([recordOf(['a b'], 3, 'length')], counter);
    expect(stopped.crossCheck?.disagreementShare).toBe(0);
    expect(cut.crossCheck?.disagreementShare).toBeCloseTo(1 / 3, 12);
  });

  it('leaves out what text does not show: reasoning, tool calls, failures', async () => {
    const records = [recordOf(['a'], 1, 'stop', 'reasoning'), recordOf([], 0)];
    expect((await resolveChunkTokens(records, createCounter())).crossCheck).toBeNull();
  });

  it('compares at most the sample size, spread over the records', async () => {
    const records = Array.from({ length: 100 }, () => recordOf(['a'], 1));
    const { crossCheck } = await resolveChunkTokens(records, createCounter(), { sampleSize: 10 });
    expect(crossCheck?.requests).toBe(10);
    const counted = records.flatMap((record, i) => (record.outputTokensCounted === 1 ? [i] : []));
    expect(counted).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });
});
