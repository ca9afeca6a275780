import type { MetricFamily } from '../family.ts';

/** The PyTorch reference server: one request at a time, no cache whose use it could tell. */
export const pytorchMetrics: MetricFamily = {
  id: 'pytorch',
  prefix: 'pytorch_reference:',
  source: 'our own server, assets/pytorch-reference/reference_server/metrics.py',
  numbers: {
    running: ['pytorch_reference:requests_running'],
    waiting: ['pytorch_reference:requests_waiting'],
    promptTokens: ['pytorch_reference:prompt_tokens_total'],
    generationTokens: ['pytorch_reference:generated_tokens_total'],
  },
  times: {},
};
