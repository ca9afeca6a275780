import type { MetricFamily } from '../family.ts';

/** Text Generation Inference. Its batch is what runs; prefill and decode are told only together. */
export const tgiMetrics: MetricFamily = {
  id: 'tgi',
  prefix: 'tgi_',
  source: 'Text Generation Inference, docs/source/reference/metrics.md at 53fdbe6; not run by us',
  numbers: {
    running: ['tgi_batch_current_size'],
    waiting: ['tgi_queue_size'],
    promptTokens: ['tgi_request_input_length_sum'],
    generationTokens: ['tgi_request_generated_tokens_sum'],
  },
  times: {
    queue: ['tgi_request_queue_duration'],
    e2e: ['tgi_request_duration'],
  },
};
