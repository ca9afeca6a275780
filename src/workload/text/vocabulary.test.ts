import { describe, expect, it } from 'vitest';
import type { TokenCounter } from '../../model/index.ts';
import { createVocabulary, wordsForTokens, wordText } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** Counts as `countText` says; `source` shows up in what is recorded. */
function createCounter(countText: (text: string) => number): TokenCounter {
  return { source: 'test', count: async (texts) => texts.map(countText) };
}

/** One token a word; words starting with q in two pieces; "about" in two at the start of a text. */
const splitting = createCounter((text) => {
  const words = text.split(' ');
  return words.reduce(
    (sum, word) => sum + (word.startsWith('q') ? 2 : 1),
    text.startsWith('about') ? 1 : 0,
  );
});

describe('commonWords', () => {
  it('are at least 1024 different lower-case words of 3 to 8 letters', () => {
    expect(commonWords.length).toBeGreaterThanOrEqual(1024);
    expect(new Set(commonWords).size).toBe(commonWords.length);
    expect(commonWords.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([]);
  });
});

describe('createVocabulary', () => {
  it('asks for groups of words, and finds in them what asking for each would find', async () => {
    let asked = 0;
    const counter: TokenCounter = {
      source: 'test',
      count: (texts) => {
        asked += texts.length;
        return splitting.count(texts);
      },
    };
    const vocabulary = await createVocabulary(commonWords, counter);
    const each = commonWords.filter((word) => !word.startsWith('q'));
    expect(vocabulary.words).toEqual(each);
    expect(asked).toBeLessThan(800);
  });

  it('drops what is not one token, and from first words what is not one token there', async () => {
    const vocabulary = await createVocabulary(commonWords, splitting);
    expect(vocabulary.exact).toBe(true);
    expect(vocabulary.words.filter((word) => word.startsWith('q'))).toEqual([]);
    expect(vocabulary.words).toContain('about');
    expect(vocabulary.firstWords).not.toContain('about');
    for (const tokens of [1, 2, 17, 300]) {
      const text = wordText(vocabulary, 99, wordsForTokens(vocabulary, tokens));
      expect(await splitting.count([text])).toEqual([tokens]);
    }
  });

  it('takes a token at the start of every text into account', async () => {
    const counter = createCounter((text) => 1 + text.split(' ').length);
    const vocabulary = await createVocabulary(commonWords, counter);
    expect(vocabulary).toMatchObject({ exact: true, offset: 1 });
    const text = wordText(vocabulary, 5, wordsForTokens(vocabulary, 64));
    expect(await counter.count([text])).toEqual([64]);
  });

  it('is approximate where counts do not add up over longer texts', async () => {
    const counter = createCounter((text) => {
      const words = text.split(' ').length;
      return words > 20 ? Math.round(words * 0.9) : words;
    });
    const vocabulary = await createVocabulary(commonWords, counter);
    expect(vocabulary.exact).toBe(false);
    expect(vocabulary.tokensPerWord).toBeCloseTo(0.9, 1);
  });

  it('is approximate where the tokenizer splits words, and measures tokens per word', async () => {
    const counter = createCounter((text) => text.split(' ').length * 3);
    const vocabulary = await createVocabulary(commonWords, counter);
    expect(vocabulary).toMatchObject({ exact: false, tokensPerWord: 3 });
    expect(wordsForTokens(vocabulary, 300)).toBe(100);
  });

  it('says that nobody counted', async () => {
    expect(await createVocabulary(commonWords, null)).toMatchObject({ exact: false, source: null });
  });
});

describe('wordText', () => {
  it('starts as many consecutive seeds as there are first words with different words', async () => {
    const vocabulary = await createVocabulary(commonWords, splitting);
    const count = vocabulary.firstWords.length;
    const starts = Array.from({ length: count }, (_, i) => wordText(vocabulary, 12_345 + i, 1));
    expect(new Set(starts).size).toBe(count);
    expect(wordText(vocabulary, 12_345 + count, 1)).toBe(starts[0]);
  });

  it('is decided by the seed, all of it', async () => {
    const vocabulary = await createVocabulary(commonWords, null);
    expect(wordText(vocabulary, 7, 40)).toBe(wordText(vocabulary, 7, 40));
    const rest = (seed: number) => wordText(vocabulary, seed, 40).split(' ').slice(1).join(' ');
    expect(rest(7)).not.toBe(rest(7 + vocabulary.firstWords.length));
  });
});
