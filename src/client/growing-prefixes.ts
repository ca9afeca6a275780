import type { TokenCounter } from '../model/index.ts';
import type { OutputText } from './output-text.ts';

/** Characters of one lane that are tokenised from the same start; bounds the work to linear. */
const blockChars = 4096;
/** Text before a block that is tokenised along, so that its first chunk has its true context. */
const leadChars = 1024;
/** Most texts in one call of the counter. */
const batchSize = 256;

/**
 * Tokens that each chunk added: the growth of the token count of the text so far. Chunks are
 * never tokenised alone: a token may span two, and counts of parts add up to too many.
 * A chunk that completes no token gets 0.
 *
 * @returns tokens by row, and the tokens of the whole text.
 */
export async function countTokensPerChunk(
  text: OutputText,
  rows: number,
  counter: TokenCounter,
): Promise<{ tokens: number[]; total: number }> {
  const tokens = new Array<number>(rows).fill(0);
  const prefixes: string[] = [];
  const jobs: { row: number; before: number; after: number }[] = [];
  for (let lane = 0; lane < text.lanes.length; lane++) {
    const whole = text.lanes[lane]?.text ?? '';
    let start = 0;
    let blockEnd = 0;
    let lastPrefix = -1;
    let lastEnd = 0;
    for (const segment of text.segments) {
      if (segment.lane !== lane) continue;
      if (lastPrefix === -1 || segment.end > blockEnd) {
        start = characterStart(whole, Math.max(0, lastEnd - leadChars));
        blockEnd = start + blockChars;
        lastPrefix = prefixes.push(whole.slice(start, lastEnd)) - 1;
      }
      const after = prefixes.push(whole.slice(start, segment.end)) - 1;
      jobs.push({ row: segment.row, before: lastPrefix, after });
      lastPrefix = after;
      lastEnd = segment.end;
    }
  }
  const counts = await countInBatches(prefixes, counter);
  // A prefix that ends inside a word may hold more tokens than the longer one after it: a token
  // counts from where it stays, so each count is lowered to the least of those that follow.
  for (const { before, after } of jobs.toReversed()) {
    counts[before] = Math.min(counts[before] ?? 0, counts[after] ?? 0);
  }
  for (const { row, before, after } of jobs) {
    tokens[row] = (tokens[row] ?? 0) + (counts[after] ?? 0) - (counts[before] ?? 0);
  }
  const whole = await countInBatches(
    text.lanes.map((lane) => lane.text),
    counter,
  );
  return { tokens, total: whole.reduce((x, y) => x + y, 0) };
}

async function countInBatches(texts: readonly string[], counter: TokenCounter): Promise<number[]> {
  const counts: number[] = [];
  for (let at = 0; at < texts.length; at += batchSize) {
    counts.push(...(await counter.count(texts.slice(at, at + batchSize))));
  }
  return counts;
}

/** Not between the halves of a surrogate pair. */
function characterStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
