import { createHash } from 'node:crypto';
import { createRng, type Rng } from '../../core/index.ts';
import type { TokenCounter } from '../../model/index.ts';

/** Words from which prompts of a known length are made. */
export interface Vocabulary {
  /** May stand anywhere but first. */
  readonly words: readonly string[];
  /** May stand first, in the order in which consecutive prompts start with them. */
  readonly firstWords: readonly string[];
  /** Text of n words counts exactly `n * tokensPerWord + offset` tokens. */
  readonly exact: boolean;
  readonly tokensPerWord: number;
  readonly offset: number;
  /** Where the counts come from; null when nobody counted. */
  readonly source: string | null;
  readonly hash: string;
}

/** Fewer words than this would make prompts repeat themselves. */
const minimumWords = 256;
/** Each is asked for by itself. */
const mostFirstWords = 512;
const groupSize = 32;

/**
 * Keeps the words that are exactly one token in running text, and as first words those that are
 * one token at the start of a text as well, then checks that counts add up over longer texts.
 * Where a tokenizer splits most words, or counts do not add up, all words are kept and the tokens
 * per word are measured: `exact` is false, and lengths are approximate. Without a counter one word
 * is taken for one token, also not exact.
 *
 * Rejects with whatever the counter rejects with.
 */
export async function createVocabulary(
  words: readonly string[],
  counter: TokenCounter | null,
): Promise<Vocabulary> {
  if (counter === null) {
    return finishVocabulary(words, words, { exact: false, tokensPerWord: 1, offset: 0 }, null);
  }
  const single = await singleTokens(words, counter);
  const candidates = single.slice(0, mostFirstWords);
  const bare = await counter.count(candidates);
  const usual = mostFrequent(bare);
  const first = candidates.filter((_, i) => bare[i] === usual);
  if (first.length >= minimumWords) {
    const offset = usual - 1;
    if (await addsUp(single, first, offset, counter)) {
      const rule = { exact: true, tokensPerWord: 1, offset };
      return finishVocabulary(single, first, rule, counter.source);
    }
  }
  const texts = sampleTexts(words, words);
  const counts = await counter.count(texts.map((text) => text.join(' ')));
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const rule = { exact: false, tokensPerWord: tokens / length, offset: 0 };
  return finishVocabulary(words, words, rule, counter.source);
}

/**
 * The words that are one token in running text. Whole groups are asked for at once, and halved where
 * they are longer than their words: asking for each word would be thousands of requests.
 */
async function singleTokens(words: readonly string[], counter: TokenCounter): Promise<string[]> {
  // Behind another word rather than behind a bare space: some tokenizers fold a leading space.
  const anchor = words[0] ?? 'the';
  const [anchorTokens = 1] = await counter.count([anchor]);
  const single = new Set<string>();
  let groups = Array.from({ length: Math.ceil(words.length / groupSize) }, (_, i) =>
    words.slice(i * groupSize, (i + 1) * groupSize),
  );
  while (groups.length > 0) {
    const counts = await counter.count(groups.map((group) => [anchor, ...group].join(' ')));
    groups = groups.flatMap((group, i) => {
      if (counts[i] === anchorTokens + group.length) {
        for (const word of group) single.add(word);
        return [];
      }
      const half = Math.ceil(group.length / 2);
      return group.length === 1 ? [] : [group.slice(0, half), group.slice(half)];
    });
  }
  return words.filter((word) => single.has(word));
}

/** How many words make a text of so many tokens; at least one. */
export function wordsForTokens(vocabulary: Vocabulary, tokens: number): number {
  return Math.max(1, Math.round((tokens - vocabulary.offset) / vocabulary.tokensPerWord));
}

/** Text of `count` words that the seed decides; consecutive seeds start with different words. */
export function wordText(vocabulary: Vocabulary, seed: number, count: number): string {
  const { words, firstWords } = vocabulary;
  const rng = createRng(seed, 'prompt');
  const text = [firstWords[seed % firstWords.length] ?? ''];
  for (let i = 1; i < count; i++) text.push(words[rng.int(words.length)] ?? '');
  return text.join(' ');
}

/** The same words where the server adds so many tokens to every prompt (chat template, special tokens). */
export function withOverhead(vocabulary: Vocabulary, overheadTokens: number): Vocabulary {
  return { ...vocabulary, offset: vocabulary.offset + overheadTokens };
}

function finishVocabulary(
  words: readonly string[],
  first: readonly string[],
  rule: Pick<Vocabulary, 'exact' | 'tokensPerWord' | 'offset'>,
  source: string | null,
): Vocabulary {
  const firstWords = shuffled(first, createRng(0, 'first words'));
  const hash = createHash('sha256')
    .update(JSON.stringify({ words, firstWords, ...rule }))
    .digest('hex');
  return { words, firstWords, ...rule, source, hash };
}

/** Counts of joined text equal words plus the same offset, short or long. */
async function addsUp(
  words: readonly string[],
  first: readonly string[],
  offset: number,
  counter: TokenCounter,
): Promise<boolean> {
  const texts = sampleTexts(words, first);
  const counts = await counter.count(texts.map((text) => text.join(' ')));
  return texts.every((text, i) => counts[i] === text.length + offset);
}

function sampleTexts(words: readonly string[], first: readonly string[]): string[][] {
  const rng = createRng(0, 'additivity');
  return [2, 7, 32, 127, 512].map((length) => [
    first[rng.int(first.length)] ?? '',
    ...Array.from({ length: length - 1 }, () => words[rng.int(words.length)] ?? ''),
  ]);
}

function shuffled(words: readonly string[], rng: Rng): string[] {
  return words
    .map((word) => ({ word, key: rng.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ word }) => word);
}

function mostFrequent(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 1;
}
