import type { MetricFamily } from '../family.ts';

/**
 * llama-server, started with `--metrics`. It has sums of time but no counts of requests beside
 * them, and no word on how full its KV cache is (older builds had one).
 */
export const llamaCppMetrics: MetricFamily = {
  id: 'llama.cpp',
  prefix: 'llamacpp:',
  source: 'metrics page of llama-server (xllamacpp 2026.10.11549), recorded',
  numbers: {
    running: ['llamacpp:requests_processing'],
    waiting: ['llamacpp:requests_deferred'],
    kvUse: ['llamacpp:kv_cache_usage_ratio'],
    prefixHitTokens: ['llamacpp:prompt_tokens_cached_total'],
    prefixQueryTokens: [['llamacpp:prompt_tokens_total', 'llamacpp:prompt_tokens_cached_total']],
    // The first counts what was computed, without what was cached.
    promptTokens: [['llamacpp:prompt_tokens_total', 'llamacpp:prompt_tokens_cached_total']],
    generationTokens: ['llamacpp:tokens_predicted_total'],
    draftTokens: ['llamacpp:spec_decode_num_draft_tokens_total'],
    acceptedTokens: ['llamacpp:spec_decode_num_accepted_tokens_total'],
  },
  times: {},
};
