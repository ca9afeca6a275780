import type { RequestRecord } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import { type LevelFacts, outputTokensAt } from '../level-facts.ts';
import { inputTokensOf } from '../request-latency.ts';

const source = 'InferenceBench.';

function sumOverOk(
  { records, ok }: LevelFacts,
  tokensOf: (record: RequestRecord, at: number) => number,
): number {
  return ok.reduce((sum, at) => sum + tokensOf(records[at] as RequestRecord, at), 0);
}

export const outputTokens: ScalarMetric = {
  kind: 'scalar',
  id: 'output_tokens_total',
  title: 'Output tokens',
  unit: 'tokens',
  better: null,
  description:
    'Output tokens of the counted requests that succeeded: by usage, else by tokenizer, else by chunks.',
  formula: 'sum of N over counted ok requests',
  source,
  compute: (facts) => sumOverOk(facts, (_, at) => outputTokensAt(facts, at) ?? 0),
};

export const inputTokens: ScalarMetric = {
  kind: 'scalar',
  id: 'input_tokens_total',
  title: 'Input tokens',
  unit: 'tokens',
  better: null,
  description: 'Prompt tokens of the counted requests that succeeded: by usage, else as asked for.',
  formula: 'sum of prompt tokens over counted ok requests',
  source,
  compute: (facts) => sumOverOk(facts, inputTokensOf),
};

export const cachedShare: ScalarMetric = {
  kind: 'scalar',
  id: 'cached_tokens_share',
  title: 'Prompt tokens from cache',
  unit: 'share',
  better: null,
  description:
    'Share of prompt tokens that the server says came from its prefix cache, over requests where it says so; null where it never does.',
  formula: 'cached prompt tokens / prompt tokens',
  source,
  compute({ records, ok }) {
    let cached = 0;
    let all = 0;
    for (const at of ok) {
      const { cachedTokensUsage, inputTokensUsage } = records[at] as RequestRecord;
      if (cachedTokensUsage === null || inputTokensUsage === null) continue;
      cached += cachedTokensUsage;
      all += inputTokensUsage;
    }
    return all === 0 ? null : cached / all;
  },
};

export const tokensPerChunk: ScalarMetric = {
  kind: 'scalar',
  id: 'tokens_per_chunk_mean',
  title: 'Tokens per chunk',
  unit: 'tokens',
  better: null,
  description: 'Mean number of tokens in a token-bearing chunk.',
  formula: 'tokens / token-bearing chunks',
  source,
  compute: ({ chunks: { chunks, chunkTokens } }) => (chunks === 0 ? null : chunkTokens / chunks),
};
