import { createVocabulary, wordsForTokens, wordText } from '../vocabulary.ts';
import { commonWords } from '../words.ts';
import type { Dataset } from './dataset.ts';

/** Everyday words in random order: any length, exact to the token where a tokenizer can be asked. */
export const randomDataset: Dataset = {
  id: 'random',
  title: 'random everyday English words, any length',
  takesPath: false,
  async load({ counter }) {
    const vocabulary = await createVocabulary(commonWords, counter);
    return {
      id: 'random',
      hash: vocabulary.hash,
      rows: null,
      promptText: (recipe, inputTokens) =>
        wordText(vocabulary, recipe.seed, wordsForTokens(vocabulary, inputTokens)),
      describe: describeRandom(vocabulary),
    };
  },
};

function describeRandom(vocabulary: Awaited<ReturnType<typeof createVocabulary>>): string {
  const what = `random English words (${vocabulary.words.length})`;
  if (vocabulary.exact) return `${what}, lengths exact to the token (${vocabulary.source})`;
  if (vocabulary.source === null) {
    return `${what}, lengths approximate: no tokenizer at hand, one word taken for one token`;
  }
  const rate = vocabulary.tokensPerWord.toFixed(2);
  return `${what}, lengths approximate: ${rate} tokens a word (${vocabulary.source})`;
}
