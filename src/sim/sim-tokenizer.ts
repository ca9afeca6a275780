import { hash32 } from '../core/index.ts';

/** The words of a text: one whitespace-separated word is one token. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** A token id below 32000, the same for the same word everywhere. */
export function tokenIdOf(word: string): number {
  return hash32(word) % 32000;
}

const plainWords = ['fox', 'river', 'stone', 'cloud', 'lamp', 'seven', 'garden', 'paper'];
const multiByteWords = ['Füchse', '河流', 'камень', '☁️', 'λάμπα', '🙂🙂', 'jardín', '紙'];

/** The text of output token `index`; token texts joined tokenise to as many tokens again. */
export function outputTokenText(index: number, multiByte = false): string {
  const words = multiByte ? multiByteWords : plainWords;
  const word = words[index % words.length] ?? '';
  return index === 0 ? word : ` ${word}`;
}

const sampledWords = [...plainWords, 'harbor', 'winter', 'candle', 'meadow', 'violin', 'copper'];

/** The same of a text that follows from `key`: another key, another text. */
export function sampledTokenText(key: string, index: number): string {
  const word = sampledWords[hash32(`${key}/${index}`) % sampledWords.length] ?? '';
  return index === 0 ? word : ` ${word}`;
}

/** The words of a request's prompt: text, token ids, a list of either, or chat messages. */
export function promptWordsOf(body: Record<string, unknown>): string[] {
  if (Array.isArray(body['messages'])) {
    return body['messages'].flatMap((message: { content?: unknown }) =>
      wordsOfContent(message?.content),
    );
  }
  return wordsOfContent(body['prompt']);
}

function wordsOfContent(content: unknown): string[] {
  if (typeof content === 'string') return wordsOf(content);
  if (typeof content === 'number') return [String(content)];
  if (Array.isArray(content)) return content.flatMap(wordsOfContent);
  if (content !== null && typeof content === 'object' && 'text' in content) {
    return wordsOfContent(content.text);
  }
  return [];
}

/** Remembers prompts in whole blocks from their beginning, as vLLM's prefix cache does. */
export interface PrefixCache {
  /** Tokens of the prompt that are known; the prompt is remembered. */
  lookup(words: readonly string[]): number;
}

export function createPrefixCache(blockTokens: number): PrefixCache {
  const seen = new Set<string>();
  return {
    lookup(words) {
      let key = '';
      let cached = 0;
      let isKnown = true;
      for (let end = blockTokens; end <= words.length; end += blockTokens) {
        const block = words.slice(end - blockTokens, end).join(' ');
        key = `${hash32(`${key}/a/${block}`)}.${hash32(`${key}/b/${block}`)}`;
        isKnown &&= seen.has(key);
        if (isKnown) cached = end;
        else seen.add(key);
      }
      // The last token is always computed: its logits are the first output.
      return Math.min(cached, Math.max(0, words.length - 1));
    },
  };
}
