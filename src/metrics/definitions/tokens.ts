import { outputTokensOf } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import { inputTokensOf } from '../request-latency.ts';

const source = 'InferenceBench.';

export const outputTokens: ScalarMetric = {
  kind: 'scalar',
  id: 'output_tokens_total',
  title: 'Output tokens',
  unit: 'tokens',
  better: null,
  description:
    'Output tokens of the counted requests that succeeded: by usage, else by tokenizer, else by chunks.',
  source,
  compute: ({ ok }) => ok.reduce((sum, record) => sum + (outputTokensOf(record) ?? 0), 0),
};

export const inputTokens: ScalarMetric = {
  kind: 'scalar',
  id: 'input_tokens_total',
  title: 'Input tokens',
  unit: 'tokens',
  better: null,
  description: 'Prompt tokens of the counted requests that succeeded: by usage, else as asked for.',
  source,
  compute: ({ ok }) => ok.reduce((sum, record) => sum + inputTokensOf(record), 0),
};

export const cachedShare: ScalarMetric = {
  kind: 'scalar',
  id: 'cached_tokens_share',
  title: 'Prompt tokens from cache',
  unit: 'share',
  better: null,
  description:
    'Share of prompt tokens that the server says came from its prefix cache, over requests where it says so; null where it never does.',
  source,
  compute({ ok }) {
    let cached = 0;
    let all = 0;
    for (const { cachedTokensUsage, inputTokensUsage } of ok) {
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
  source,
  compute({ ok }) {
    let tokens = 0;
    let chunks = 0;
    for (const record of ok) {
      chunks += record.chunks.tokens.length;
      for (let i = 0; i < record.chunks.tokens.length; i++)
        tokens += record.chunks.tokens[i] as number;
    }
    return chunks === 0 ? null : tokens / chunks;
  },
};
