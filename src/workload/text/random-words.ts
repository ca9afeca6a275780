import { createHash } from 'node:crypto';
import { describeExactness, type TextMaker, type TextMakerOptions } from './text-maker.ts';
import { createVocabulary, withOverhead, wordsForTokens, wordText } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** Everyday words in random order: noise, as `random` of other tools. */
export async function createRandomWords(options: TextMakerOptions): Promise<TextMaker> {
  const { counter, overheadTokens } = options;
  const vocabulary = await createVocabulary(commonWords, counter);
  const whole = withOverhead(vocabulary, overheadTokens);
  const inner = { ...vocabulary, offset: 0 };
  return {
    prompt: (seed, tokens) => wordText(whole, seed, wordsForTokens(whole, tokens)),
    piece: (seed, tokens) => wordText(inner, seed, wordsForTokens(inner, tokens)),
    overheadTokens,
    exact: vocabulary.exact,
    describe: `random English words (${vocabulary.words.length}), ${describeExactness(vocabulary)}`,
    hash:
      overheadTokens === 0
        ? vocabulary.hash
        : createHash('sha256').update(`${vocabulary.hash} ${overheadTokens}`).digest('hex'),
  };
}
