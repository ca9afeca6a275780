import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a WordLevel tokenizer.json of 2 000 five-letter words for peers that insist on one. */
export function writeTokenizer(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const vocab = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`w${String(i).padStart(4, '0')}`, i]),
  );
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: 'w0000' },
  };
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify(tokenizer));
  return dir;
}
