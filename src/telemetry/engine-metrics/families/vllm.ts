import type { MetricFamily } from '../family.ts';

/** vLLM; one series per data-parallel engine, which add up. */
export const vllmMetrics: MetricFamily = {
  id: 'vllm',
  prefix: 'vllm:',
  source: 'metrics page of vLLM 0.32.0 (CPU), recorded; gpu_* names: releases before',
  numbers: {
    running: ['vllm:num_requests_running'],
    waiting: ['vllm:num_requests_waiting'],
    kvUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
    preemptions: ['vllm:num_preemptions_total'],
    prefixHitTokens: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
    prefixQueryTokens: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
    promptTokens: ['vllm:prompt_tokens_total'],
    generationTokens: ['vllm:generation_tokens_total'],
    draftTokens: ['vllm:spec_decode_num_draft_tokens_total'],
    acceptedTokens: ['vllm:spec_decode_num_accepted_tokens_total'],
  },
  times: {
    queue: ['vllm:request_queue_time_seconds'],
    prefill: ['vllm:request_prefill_time_seconds'],
    decode: ['vllm:request_decode_time_seconds'],
    ttft: ['vllm:time_to_first_token_seconds'],
    e2e: ['vllm:e2e_request_latency_seconds'],
    tpot: ['vllm:request_time_per_output_token_seconds'],
  },
};
