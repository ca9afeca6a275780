import { type ChunkDistribution, latency } from '../definition.ts';
import { fillChunkGaps, fillTokenGaps } from '../group-values.ts';

export const itl: ChunkDistribution = {
  ...latency,
  of: 'chunks',
  id: 'itl',
  title: 'Inter-token latency',
  description:
    'Time between tokens (also called TBT), pooled over all tokens: a chunk of k tokens that closes a gap g gives k values g / k. The tokens of the first chunk close no gap.',
  formula: 'g / k, k times, for each chunk of k tokens that closes a gap g',
  source: 'The time between tokens of the llm.inference methodology, per token, not per chunk.',
  fill: fillTokenGaps,
};

export const icl: ChunkDistribution = {
  ...latency,
  of: 'chunks',
  id: 'icl',
  title: 'Inter-chunk latency',
  description:
    'Gaps between token-bearing chunks as they arrived, whatever they hold: what a reader sees as stalls.',
  formula: 't(chunk i) - t(chunk i - 1), for each chunk but the first',
  source: 'What vLLM `bench serve` reports as ITL.',
  fill: fillChunkGaps,
};
