import type { Tunable } from '../tunables.ts';

const source = 'docs/engines/pytorch.md, torch 2.13';

export const pytorchTunables: readonly Tunable[] = [
  {
    flag: '--threads',
    type: 'integer',
    range: { low: 1, high: 64, scale: 'log2' },
    default: null,
    condition: 'on a CPU',
    trades: 'faster prefill for the cores that client and system lose',
    source,
  },
  {
    flag: '--dtype',
    type: 'choice',
    choices: ['float32', 'bfloat16', 'float16'],
    default: null,
    condition: null,
    trades:
      'half the memory to read for each token, for rounding; slow where the CPU has no such arithmetic',
    source,
  },
  {
    flag: '--attention',
    type: 'choice',
    choices: ['sdpa', 'eager'],
    default: null,
    condition: null,
    trades: 'fused attention against the plain formula',
    source,
  },
];
