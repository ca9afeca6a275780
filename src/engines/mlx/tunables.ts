import type { Tunable } from '../tunables.ts';

const source = 'mlx_lm.server --help, mlx-lm 0.32.2';

export const mlxTunables: readonly Tunable[] = [
  {
    flag: '--decode-concurrency',
    type: 'integer',
    range: { low: 1, high: 256, scale: 'log2' },
    default: 32,
    condition: 'given by --slots; without a seed, a draft model or --kv-bits, which end batching',
    trades: 'throughput of many requests for the time between tokens of each',
    source,
  },
  {
    flag: '--prompt-concurrency',
    type: 'integer',
    range: { low: 1, high: 64, scale: 'log2' },
    default: 8,
    condition: 'given as the lesser of 8 and --slots',
    trades: 'throughput of prefill for the first token of each prompt, and memory',
    source,
  },
  {
    flag: '--prefill-step-size',
    type: 'integer',
    range: { low: 64, high: 16384, scale: 'log2' },
    default: 2048,
    condition: null,
    trades: 'faster prefill for memory, and for longer gaps in the streams that decode meanwhile',
    source,
  },
  {
    flag: '--prompt-cache-size',
    type: 'integer',
    range: { low: 0, high: 1024, scale: 'linear' },
    default: 10,
    condition: null,
    trades: 'beginnings of prompts that need no second prefill for the memory of their KV caches',
    source,
  },
  {
    flag: '--kv-bits',
    type: 'choice',
    choices: ['4', '8'],
    default: null,
    condition: 'requests are then served one at a time',
    trades: 'memory of long contexts for rounding, and for all batching',
    source,
  },
  {
    flag: '--num-draft-tokens',
    type: 'integer',
    range: { low: 1, high: 16, scale: 'linear' },
    default: 3,
    condition: 'with --draft-model; requests are then served one at a time',
    trades: 'fewer steps for each token for work on drafts that are thrown away',
    source,
  },
];
