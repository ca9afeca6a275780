import type { Tunable } from '../tunables.ts';

const serve = 'tensorrt_llm/commands/serve.py of TensorRT-LLM at 00209af1 (1.2)';
const batch =
  'nvidia.github.io/TensorRT-LLM, Tuning Max Batch Size and Max Num Tokens (1.0), and serve.py at 00209af1';

/**
 * Options of the command line. The scheduler's policy, the dtype of the KV cache and the attention
 * backend are entries of the file for --extra_llm_api_options: docs/engines/tensorrt-llm.md.
 */
export const trtllmTunables: readonly Tunable[] = [
  {
    flag: '--max_batch_size',
    type: 'integer',
    range: { low: 1, high: 2048, scale: 'log2' },
    default: 2048,
    condition: null,
    trades: 'throughput of a larger batch for the time between tokens of each request, and memory',
    source: batch,
  },
  {
    flag: '--max_num_tokens',
    type: 'integer',
    range: { low: 1024, high: 65_536, scale: 'log2' },
    default: 8192,
    condition: 'without chunked prefill at least the longest prompt',
    trades: 'time to first token and throughput for the time between tokens, and memory',
    source: batch,
  },
  {
    flag: '--kv_cache_free_gpu_memory_fraction',
    type: 'number',
    range: { low: 0.5, high: 0.95, scale: 'linear' },
    default: 0.9,
    condition: 'of what is free beside the weights',
    trades: 'room for the KV cache, so more requests at once, for the risk to run out of memory',
    source: serve,
  },
  {
    flag: '--enable_chunked_prefill',
    type: 'switch',
    default: false,
    condition: null,
    trades: 'steadier time between tokens while long prompts come in, for time to first token',
    source: serve,
  },
  {
    flag: '--tp_size',
    type: 'integer',
    range: { low: 1, high: 16, scale: 'log2' },
    default: 1,
    condition: 'so many GPUs; divides the attention heads',
    trades: 'latency, and models that fit one GPU no more, for traffic between GPUs',
    source: serve,
  },
  {
    flag: '--pp_size',
    type: 'integer',
    range: { low: 1, high: 16, scale: 'log2' },
    default: 1,
    condition: 'so many GPUs',
    trades: 'models that fit one GPU no more, with less traffic than --tp_size, for latency',
    source: serve,
  },
  {
    flag: '--ep_size',
    type: 'integer',
    range: { low: 1, high: 16, scale: 'log2' },
    default: null,
    condition: 'mixture-of-experts models; divides --tp_size',
    trades: 'less weight traffic for balance between the experts',
    source: serve,
  },
  {
    flag: '--num_postprocess_workers',
    type: 'integer',
    range: { low: 0, high: 8, scale: 'linear' },
    default: 0,
    condition: 'many streams at once; needs free CPU cores',
    trades: 'CPU cores for shorter waits where turning tokens into text holds the stream up',
    source: serve,
  },
  {
    flag: '--backend',
    type: 'choice',
    choices: ['pytorch', '_autodeploy'],
    default: 'pytorch',
    condition:
      '_autodeploy is a prototype; tensorrt, up to 1.2, does not take the options file of bench',
    trades: 'which models run, and how fast',
    source: serve,
  },
];
