import type { MetricFamily } from '../family.ts';

/**
 * TensorRT-LLM (`trtllm-serve`), at `/prometheus/metrics`: its `/metrics` is JSON of iterations. It
 * tells how many requests are paused, not how often one was, so that preemptions stay unknown.
 */
export const tensorrtLlmMetrics: MetricFamily = {
  id: 'tensorrt-llm',
  prefix: 'trtllm_',
  source: 'TensorRT-LLM, tensorrt_llm/metrics/collector.py (2026); not run by us',
  numbers: {
    running: ['trtllm_num_requests_running'],
    waiting: ['trtllm_num_requests_waiting'],
    kvUse: ['trtllm_kv_cache_utilization'],
    prefixHitTokens: ['trtllm_prompt_cached_tokens_total'],
    prefixQueryTokens: ['trtllm_prompt_tokens_total'],
    promptTokens: ['trtllm_prompt_tokens_total'],
    generationTokens: ['trtllm_generation_tokens_total'],
    draftTokens: ['trtllm_spec_decode_num_draft_tokens_total'],
    acceptedTokens: ['trtllm_spec_decode_num_accepted_tokens_total'],
  },
  times: {
    queue: ['trtllm_request_queue_time_seconds'],
    prefill: ['trtllm_request_prefill_time_seconds'],
    decode: ['trtllm_request_decode_time_seconds'],
    ttft: ['trtllm_time_to_first_token_seconds'],
    e2e: ['trtllm_e2e_request_latency_seconds'],
  },
};
