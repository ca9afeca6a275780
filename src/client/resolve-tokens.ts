import { messageOf } from '../core/index.ts';
import {
  ChunkKind,
  type RequestRecord,
  type TokenCounter,
  type TokenSource,
} from '../model/index.ts';
import { countTokensPerChunk } from './growing-prefixes.ts';
import { detailsOf } from './sent-details.ts';

/** How often the server's totals and the model's own tokenizer disagree. */
export interface TokenCrossCheck {
  /** The counter's source. */
  source: string;
  /** Requests that were compared. */
  requests: number;
  countedTokens: number;
  usageTokens: number;
  /**
   * Sum over the requests of the tokens by which usage lies outside what the tokenizer allows,
   * over the sum of the usage. Allowed are the count itself, plus the tokens of empty chunks, plus
   * one end-of-text token where the model stopped by itself: none of these leaves text.
   */
  disagreementShare: number;
}

export interface TokenResolution {
  /** Records by the source of their chunk counts. */
  sources: Partial<Record<TokenSource, number>>;
  /** Null when there was no counter, or nothing to compare. */
  crossCheck: TokenCrossCheck | null;
  /** Why the counter failed; the records then keep what they had. */
  counterError: string | null;
  /** Records with an event that could not be read: its tokens are not in the chunks. */
  malformed: number;
}

export interface ResolveTokensOptions {
  /** Most requests that are compared, spread evenly over the records; default 64. */
  sampleSize?: number;
}

/**
 * Fills in `chunks.tokens`, `tokenSource` and `outputTokensCounted` of fresh records, in place.
 *
 * In order: the server's running counts; one token per chunk where chunks equal the final usage
 * (both settled on arrival); growing prefixes of the text, tokenised; one per chunk, assumed.
 * Counts are never scaled to the usage: where they disagree, that stays visible. The text comes
 * from `detailsOf(record)`; records without it (read from a file, copied) stay as they are.
 */
export async function resolveChunkTokens(
  records: readonly RequestRecord[],
  counter: TokenCounter | null,
  options: ResolveTokensOptions = {},
): Promise<TokenResolution> {
  let crossCheck: TokenCrossCheck | null = null;
  let counterError: string | null = null;
  if (counter) {
    try {
      for (const record of records) await countUnresolved(record, counter);
      crossCheck = await compareWithUsage(records, counter, options.sampleSize ?? 64);
    } catch (error) {
      counterError = messageOf(error);
    }
  }
  const sources: TokenResolution['sources'] = {};
  for (const { tokenSource } of records) sources[tokenSource] = (sources[tokenSource] ?? 0) + 1;
  const malformed = records.filter(
    (record) => (detailsOf(record)?.notes.malformedEvents ?? 0) > 0,
  ).length;
  return { sources, crossCheck, counterError, malformed };
}

async function countUnresolved(record: RequestRecord, counter: TokenCounter): Promise<void> {
  const details = detailsOf(record);
  if (record.tokenSource !== 'assumed' || !details) return;
  const rows = record.chunks.atUs.length;
  const { tokens, total } = await countTokensPerChunk(details.text, rows, counter);
  record.chunks.tokens = tokens;
  record.tokenSource = 'tokenizer';
  record.outputTokensCounted = total;
}

async function compareWithUsage(
  records: readonly RequestRecord[],
  counter: TokenCounter,
  sampleSize: number,
): Promise<TokenCrossCheck | null> {
  const sample = spread(records.filter(isComparable), sampleSize);
  const texts = sample.map(
    (record) => detailsOf(record)?.text.lanes.map((lane) => lane.text) ?? [],
  );
  if (sample.length === 0) return null;
  const counts = await counter.count(texts.flat());
  let next = 0;
  let countedTokens = 0;
  let usageTokens = 0;
  let outside = 0;
  sample.forEach((record, i) => {
    const lanes = texts[i]?.length ?? 0;
    const counted = counts.slice(next, next + lanes).reduce((x, y) => x + y, 0);
    next += lanes;
    const usage = record.outputTokensUsage ?? 0;
    record.outputTokensCounted = counted;
    countedTokens += counted;
    usageTokens += usage;
    const most = counted + emptyTokens(record) + (record.finishReason === 'stop' ? lanes : 0);
    outside += Math.max(0, counted - usage, usage - most);
  });
  return {
    source: counter.source,
    requests: sample.length,
    countedTokens,
    usageTokens,
    disagreementShare: usageTokens === 0 ? 0 : outside / usageTokens,
  };
}

/** Plain text only: what surrounds reasoning and tool calls is tokens that no field shows. */
function isComparable(record: RequestRecord): boolean {
  if (record.outcome !== 'ok' || !record.outputTokensUsage) return false;
  const lanes = detailsOf(record)?.text.lanes ?? [];
  return lanes.length > 0 && lanes.every((lane) => lane.kind === ChunkKind.content);
}

function emptyTokens(record: RequestRecord): number {
  let sum = 0;
  for (let i = 0; i < record.chunks.kind.length; i++) {
    if (record.chunks.kind[i] === ChunkKind.empty) sum += record.chunks.tokens[i] ?? 0;
  }
  return sum;
}

function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as T);
}
