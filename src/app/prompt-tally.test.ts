import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LevelPlan, RequestRecord } from '../model/index.ts';
import { createPromptTally } from './prompt-tally.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

const planOf = (texts: readonly string[]) =>
  ({
    at: (index: number) => ({ index, inputTokens: 10 + index, outputTokens: 4 }),
    promptText: ({ index }: { index: number }) => texts[index] ?? '',
  }) as unknown as LevelPlan;
const record = (index: number, over: Partial<RequestRecord> = {}) =>
  ({
    index,
    counted: true,
    sentUs: 1,
    outcome: 'ok',
    inputTokensAsked: 10 + index,
    inputTokensUsage: 12 + index,
    outputTokensAsked: 4,
    outputTokensUsage: index === 2 ? 3 : 4,
    ...over,
  }) as RequestRecord;

const beginning = 'x'.repeat(64);

describe('createPromptTally', () => {
  it('knows nothing before the first level', () => {
    const figures = createPromptTally().figures();
    expect(figures).toMatchObject({ requests: 0, requestsSha256: null, prefixReuseShare: null });
    expect(figures.input.asked).toMatchObject({ count: 0, mean: null, p50: null, histogram: [] });
  });

  it('lists, counts and compares what was sent', () => {
    const tally = createPromptTally();
    const texts = [`${beginning}a`, `${beginning}b`, 'short', `${beginning}a`];
    const records = [
      record(0),
      record(1),
      record(2),
      record(3, { outcome: 'timeout' }),
      record(4, { counted: false }),
      record(5, { sentUs: null }),
    ];
    tally.addLevel(planOf(texts), { index: 7, records });
    const figures = tally.figures();
    expect(figures).toMatchObject({ requests: 4, requestsLookedAt: 4, uniquePrompts: 3 });
    // Two of three later prompts repeat a block of 64 of their 65 characters.
    expect(figures.prefixReuseShare).toBeCloseTo(128 / (65 * 3 + 5), 12);
    const lines = [0, 1, 2, 3].map(
      (i) => `${JSON.stringify([7, i, 10 + i, 4, sha(texts[i] ?? '')])}\n`,
    );
    expect(figures.requestsSha256).toBe(sha(lines.join('')));
    expect(figures.input.asked).toMatchObject({ count: 3, mean: 11, min: 10, max: 12 });
    expect(figures.input.achieved).toMatchObject({ count: 3, mean: 13, p50: 13 });
    expect(figures.output.achieved).toMatchObject({ min: 3, max: 4 });
    expect(figures.output.achieved.histogram).toEqual([{ upTo: 4, count: 3 }]);
    expect(figures.input.achieved.histogram).toEqual([{ upTo: 16, count: 3 }]);
  });

  it('goes on over the levels of a run', () => {
    const tally = createPromptTally();
    tally.addLevel(planOf([`${beginning}1`]), { index: 0, records: [record(0)] });
    const first = tally.figures().requestsSha256;
    tally.addLevel(planOf([`${beginning}1`]), { index: 1, records: [record(0)] });
    expect(tally.figures()).toMatchObject({ requests: 2, uniquePrompts: 1 });
    expect(tally.figures().requestsSha256).not.toBe(first);
  });
});
