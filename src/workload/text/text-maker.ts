import type { TokenCounter } from '../../model/index.ts';

/** Makes text of a known number of tokens. */
export interface TextMaker {
  /**
   * A whole prompt: with what the server adds to it, it has so many tokens. Same seed and length,
   * same text; consecutive seeds start with different words.
   */
  prompt(seed: number, tokens: number): string;
  /** A piece of a prompt, behind or before other text, of so many tokens. */
  piece(seed: number, tokens: number): string;
  /** Tokens that `prompt` leaves to the server; a prompt is at least one longer. */
  readonly overheadTokens: number;
  /** What it is and how exact its lengths are. */
  readonly describe: string;
  readonly exact: boolean;
  readonly hash: string;
}

export interface TextMakerOptions {
  /** The tokenizer of the measured model; null when none is at hand (lengths are then estimates). */
  counter: TokenCounter | null;
  /** Tokens that the server adds to a prompt: chat template, special tokens. */
  overheadTokens: number;
}

/** How exact lengths are, in words. */
export function describeExactness(rule: {
  exact: boolean;
  source: string | null;
  tokensPerWord: number;
}): string {
  if (rule.exact) return `lengths exact to the token (${rule.source})`;
  if (rule.source === null) {
    return 'lengths approximate: no tokenizer at hand, one word taken for one token';
  }
  return `lengths approximate: ${rule.tokensPerWord.toFixed(2)} tokens a word (${rule.source})`;
}
