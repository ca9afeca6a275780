import type { Generation } from './generation.ts';

/** Output tokens by the server's usage, else by its chunks. */
export function outputTokensOf(generation: Generation): number {
  return generation.usage?.output ?? chunkTokensOf(generation);
}

/** Chunks of the first choice that may each hold a token. */
export function chunkTokensOf({ textChunks, emptyTextChunks }: Generation): number {
  return textChunks + emptyTextChunks;
}
