import type { ChunkColumns } from '../model/index.ts';
import { isFailed, type RateSpan, type SelectedRequests } from './selected-requests.ts';

/** What the chunks say that more than one metric needs, gathered in one look at them. */
export interface ChunkFigures {
  /** Tokens of the first chunk, by position in `records`; NaN without chunks or for a failure. */
  firstTokens: Float64Array;
  /** As `outputTokensOf`; NaN where that is null or for a failure. */
  outputTokens: Float64Array;
  /** Of `outputTokens`, those that arrived inside the rate span. */
  tokensInside: Float64Array;
  /** Of the counted requests that succeeded, from here on. */
  chunks: number;
  chunkTokens: number;
  /** Chunks that follow another, and those of them that came in the same network read. */
  followers: number;
  coalesced: number;
  /** Tokens in a chunk -> number of chunks. */
  sizes: Map<number, number>;
}

/**
 * One look at the chunks of every request that did not fail.
 *
 * @param show gets the chunks of the counted requests that succeeded, and their place among them.
 */
export function gatherChunkFigures(
  { records, ok, span }: SelectedRequests,
  show: (chunks: ChunkColumns, group: number) => void,
): ChunkFigures {
  const figures: ChunkFigures = {
    firstTokens: new Float64Array(records.length).fill(Number.NaN),
    outputTokens: new Float64Array(records.length).fill(Number.NaN),
    tokensInside: new Float64Array(records.length),
    ...{ chunks: 0, chunkTokens: 0, followers: 0, coalesced: 0 },
    sizes: new Map(),
  };
  const smallSizes = new Float64Array(64);
  let group = 0;
  records.forEach((record, at) => {
    if (isFailed(record)) return;
    const { chunks } = record;
    const { atUs, tokens } = chunks;
    const rows = atUs.length;
    const isOk = ok[group] === at;
    const all = isOk ? sumAndCount(tokens, smallSizes, figures.sizes) : sum(tokens, 0, rows);
    const inside = span === null ? 0 : all - tokensOutside(atUs, tokens, span);
    const total =
      record.outputTokensUsage ?? record.outputTokensCounted ?? (rows === 0 ? null : all);
    figures.firstTokens[at] = rows === 0 ? Number.NaN : (tokens[0] as number);
    figures.outputTokens[at] = total ?? Number.NaN;
    figures.tokensInside[at] = total === null || all === 0 ? 0 : (inside * total) / all;
    if (!isOk) return;
    figures.chunks += rows;
    figures.chunkTokens += all;
    figures.followers += Math.max(0, rows - 1);
    figures.coalesced += countCoalesced(chunks);
    show(chunks, group++);
  });
  smallSizes.forEach((times, size) => {
    if (times > 0) figures.sizes.set(size, times);
  });
  return figures;
}

function countCoalesced({ read }: ChunkColumns): number {
  let coalesced = 0;
  for (let i = 1; i < read.length; i++) if (read[i] === read[i - 1]) coalesced++;
  return coalesced;
}

/** The sum; sizes that index `small` are counted there, others in `large`. */
function sumAndCount(
  tokens: ChunkColumns['tokens'],
  small: Float64Array,
  large: Map<number, number>,
): number {
  let all = 0;
  for (let i = 0; i < tokens.length; i++) {
    const size = tokens[i] as number;
    all += size;
    const times = small[size];
    if (times === undefined) large.set(size, (large.get(size) ?? 0) + 1);
    else small[size] = times + 1;
  }
  return all;
}

function sum(tokens: ChunkColumns['tokens'], from: number, to: number): number {
  let all = 0;
  for (let i = from; i < to; i++) all += tokens[i] as number;
  return all;
}

/** Stamps ascend: only the ends have to be looked at. */
function tokensOutside(
  atUs: ChunkColumns['atUs'],
  tokens: ChunkColumns['tokens'],
  { startUs, endUs }: RateSpan,
): number {
  const rows = atUs.length;
  let from = 0;
  while (from < rows && (atUs[from] as number) < startUs) from++;
  let to = rows;
  while (to > from && (atUs[to - 1] as number) > endUs) to--;
  return sum(tokens, 0, from) + sum(tokens, to, rows);
}
