import type { MetricFamily } from '../family.ts';
import { llamaCppMetrics } from './llama-cpp.ts';
import { pytorchMetrics } from './pytorch.ts';
import { sglangMetrics } from './sglang.ts';
import { tensorrtLlmMetrics } from './tensorrt-llm.ts';
import { tgiMetrics } from './tgi.ts';
import { vllmMetrics } from './vllm.ts';

/** Every engine whose metrics are understood. A new one is a file here and a line in this list. */
export const metricFamilies: readonly MetricFamily[] = [
  vllmMetrics,
  sglangMetrics,
  llamaCppMetrics,
  tgiMetrics,
  tensorrtLlmMetrics,
  pytorchMetrics,
];
