import { describe, expect, it } from 'vitest';
import type { TokenCounter } from '../../model/index.ts';
import { createProse } from './prose.ts';
import { createRandomWords } from './random-words.ts';

const counterOf = (countText: (text: string) => number): TokenCounter => ({
  source: 'test',
  count: async (texts) => texts.map(countText),
});
/** Words and marks are tokens, as in the tokenizers of most models. */
const marked = counterOf((text) => text.match(/\w+|[^\w\s]/g)?.length ?? 0);
const spaced = counterOf((text) => text.split(/\s+/).filter((word) => word !== '').length);
/** A token at the start of every text; words of seven letters and more are two. */
const picky = counterOf(
  (text) => 1 + (text.match(/\w+|[^\w\s]/g) ?? []).reduce((n, w) => n + (w.length > 6 ? 2 : 1), 0),
);

const closing = 'What should I do about it next ?';

describe('createProse', () => {
  it.each([
    ['marks as tokens', marked],
    ['marks without a token of their own', spaced],
    ['words of two tokens, and one at the start', picky],
  ])('is exact to the token with %s', async (_, counter) => {
    const prose = await createProse({ counter, overheadTokens: 0 }, closing);
    expect(prose.exact).toBe(true);
    for (const tokens of [2, 3, 17, 36, 37, 38, 64, 512, 4001]) {
      for (const seed of [0, 1, 4_000_000_000]) {
        const text = prose.prompt(seed, tokens);
        expect(await counter.count([text]), `${tokens}: ${text.slice(-60)}`).toEqual([tokens]);
      }
    }
  });

  it('leaves room for what the server adds', async () => {
    const prose = await createProse({ counter: marked, overheadTokens: 11 });
    expect(await marked.count([prose.prompt(5, 64)])).toEqual([53]);
    expect(await marked.count([prose.piece(5, 64)])).toEqual([64]);
    // Shorter than that cannot be: one word is left.
    expect(await marked.count([prose.prompt(5, 3)])).toEqual([1]);
  });

  it('reads like sentences, ends with its request, and starts unlike its neighbours', async () => {
    const prose = await createProse({ counter: marked, overheadTokens: 0 }, closing);
    const text = prose.prompt(12, 120);
    expect(text).toMatch(/^[a-z]+: [A-Z]/);
    expect(text).toMatch(/\. What should I do about it next\?$/);
    expect(text).not.toMatch(/[,.?:]{2}| [,.?:]|\{|\}/);
    const starts = Array.from({ length: 256 }, (_, i) => prose.prompt(1000 + i, 30).split(':')[0]);
    expect(new Set(starts).size).toBe(256);
  });

  it('says that lengths are estimates where counts do not add up, or nobody counts', async () => {
    const merging = counterOf((text) => Math.ceil(text.length / 3.7));
    const prose = await createProse({ counter: merging, overheadTokens: 0 });
    expect(prose.exact).toBe(false);
    expect(prose.describe).toContain('approximate');
    const [tokens = 0] = await merging.count([prose.prompt(3, 1000)]);
    expect(Math.abs(tokens - 1000)).toBeLessThan(60);
    const blind = await createProse({ counter: null, overheadTokens: 0 });
    expect(blind.describe).toContain('no tokenizer at hand');
  });
});

it('random words leave room for what the server adds too', async () => {
  const words = await createRandomWords({ counter: spaced, overheadTokens: 6 });
  expect(await spaced.count([words.prompt(1, 40), words.piece(1, 40)])).toEqual([34, 40]);
});
