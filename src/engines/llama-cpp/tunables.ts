import type { Tunable } from '../tunables.ts';

const source = 'llama-server --help and CommonParams, llama.cpp in xllamacpp 2026.10.11549';

/** Flags of `llama-server`; the wheel's launcher takes most as `--set NAME=VALUE`. */
export const llamaCppTunables: readonly Tunable[] = [
  {
    flag: '--threads',
    type: 'integer',
    range: { low: 1, high: 128, scale: 'log2' },
    default: null,
    condition: 'on a CPU',
    trades: 'faster prefill for the cores that client and system lose; decoding is bound by memory',
    source,
  },
  {
    flag: '--parallel',
    type: 'integer',
    range: { low: 1, high: 64, scale: 'log2' },
    default: null,
    condition: null,
    trades: 'throughput of a batch for the context and the speed of each of its requests',
    source,
  },
  {
    flag: '--batch-size',
    type: 'integer',
    range: { low: 32, high: 4096, scale: 'log2' },
    default: 2048,
    condition: null,
    trades: 'prefill throughput for memory and for the wait of requests that decode',
    source,
  },
  {
    flag: '--ubatch-size',
    type: 'integer',
    range: { low: 16, high: 2048, scale: 'log2' },
    default: 512,
    condition: null,
    trades: 'prefill throughput for memory; at most --batch-size',
    source,
  },
  {
    flag: '--flash-attn',
    type: 'choice',
    choices: ['on', 'off', 'auto'],
    default: 'auto',
    condition: null,
    trades: 'less memory traffic of long contexts for kernels that not every backend has',
    source,
  },
  {
    flag: '--cache-type-k',
    type: 'choice',
    choices: ['f16', 'q8_0', 'q4_0'],
    default: 'f16',
    condition: null,
    trades: 'context that fits for exactness',
    source,
  },
];
