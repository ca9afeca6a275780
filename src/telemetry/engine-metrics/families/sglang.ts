import type { MetricFamily } from '../family.ts';

/** SGLang, started with `--enable-metrics`. A retraction is what vLLM calls a preemption. */
export const sglangMetrics: MetricFamily = {
  id: 'sglang',
  prefix: 'sglang:',
  source:
    'SGLang, python/sglang/srt/observability/metrics_collector.py at 016d860 and its page "Production Metrics"; not run by us',
  numbers: {
    running: ['sglang:num_running_reqs'],
    waiting: ['sglang:num_queue_reqs'],
    kvUse: ['sglang:token_usage'],
    preemptions: ['sglang:num_retracted_requests_total'],
    prefixHitTokens: ['sglang:cached_tokens_total'],
    prefixQueryTokens: ['sglang:prompt_tokens_total'],
    promptTokens: ['sglang:prompt_tokens_total'],
    generationTokens: ['sglang:generation_tokens_total'],
    acceptedShare: ['sglang:spec_accept_rate'],
  },
  // Both have labels, and so appear with their first request of that kind.
  fromFirstEvent: {
    preemptions: 'sglang:num_retracted_reqs',
    prefixHitTokens: 'sglang:prompt_tokens_total',
  },
  times: {
    queue: ['sglang:queue_time_seconds'],
    ttft: ['sglang:time_to_first_token_seconds'],
    e2e: ['sglang:e2e_request_latency_seconds'],
  },
  // With --enable-metrics-for-all-schedulers every rank tells the same; a queue by priority is
  // also told as a whole.
  repeats: (labels) =>
    ['tp_rank', 'pp_rank', 'moe_ep_rank'].some((rank) => (labels.get(rank) ?? '0') !== '0') ||
    (labels.get('priority') ?? '') !== '',
};
