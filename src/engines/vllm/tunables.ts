import type { Tunable } from '../tunables.ts';

const scheduler = 'vllm/config/scheduler.py of vLLM at 01230b40';
const cache = 'vllm/config/cache.py of vLLM at 002f10e0';
const parallel = 'docs.vllm.ai, Optimization and Tuning, vLLM 0.11';

export const vllmTunables: readonly Tunable[] = [
  {
    flag: '--max-num-seqs',
    type: 'integer',
    range: { low: 1, high: 1024, scale: 'log2' },
    default: null,
    condition: null,
    trades: 'throughput of a larger batch for the time between tokens of each request',
    source: scheduler,
  },
  {
    flag: '--max-num-batched-tokens',
    type: 'integer',
    range: { low: 256, high: 65_536, scale: 'log2' },
    default: null,
    condition: 'at least --max-num-seqs; at least --max-model-len without chunked prefill',
    trades: 'time to first token and throughput (more) for the time between tokens (less)',
    source: scheduler,
  },
  {
    flag: '--gpu-memory-utilization',
    type: 'number',
    range: { low: 0.5, high: 0.98, scale: 'linear' },
    default: 0.92,
    condition: 'on a GPU',
    trades: 'room for the KV cache, so fewer preemptions, for the risk to run out of memory',
    source: cache,
  },
  {
    flag: '--block-size',
    type: 'integer',
    range: { low: 8, high: 128, scale: 'log2' },
    default: 16,
    condition: 'not every attention backend takes every size',
    trades: 'waste at the end of each sequence for fewer, larger reads',
    source: cache,
  },
  {
    flag: '--kv-cache-dtype',
    type: 'choice',
    choices: ['auto', 'fp8', 'fp8_e4m3', 'fp8_e5m2'],
    default: 'auto',
    condition: 'fp8 on GPUs that have it',
    trades: 'twice the context in the KV cache for exactness',
    source: cache,
  },
  {
    flag: '--no-enable-prefix-caching',
    type: 'switch',
    default: false,
    condition: null,
    trades: 'no reuse of shared beginnings, for no bookkeeping; unique prompts lose nothing',
    source: cache,
  },
  {
    flag: '--scheduling-policy',
    type: 'choice',
    choices: ['fcfs', 'priority'],
    default: 'fcfs',
    condition: 'priority needs requests that carry one',
    trades: 'latency of some requests for that of others',
    source: scheduler,
  },
  {
    flag: '--enforce-eager',
    type: 'switch',
    default: false,
    condition: null,
    trades: 'a quick start and less memory for slower decoding without CUDA graphs and compilation',
    source: parallel,
  },
  {
    flag: '--tensor-parallel-size',
    type: 'integer',
    range: { low: 1, high: 16, scale: 'log2' },
    default: 1,
    condition: 'so many GPUs; divides the attention heads',
    trades: 'latency, and models that fit one GPU no more, for traffic between GPUs',
    source: parallel,
  },
];
