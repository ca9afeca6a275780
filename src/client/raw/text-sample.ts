const sampleSize = 64;

/**
 * Whether the text of this request of a level is kept for the check of the server's counts against
 * a tokenizer. The first 64 are, then every second, from 128 on every fourth, and so on: the first
 * million requests keep about five hundred, spread over the level, without knowing its length.
 */
export function isTextKept(index: number): boolean {
  if (index < sampleSize) return true;
  const stride = 2 ** (Math.floor(Math.log2(index / sampleSize)) + 1);
  return index % stride === 0;
}
