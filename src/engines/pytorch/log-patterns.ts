import type { LogPattern } from '../log-patterns.ts';
import { commonLogPatterns } from '../log-patterns.ts';
import { ggufLogPatterns } from '../models/convert.ts';

/**
 * Lines of our own server (assets/pytorch-reference), of argparse, and of torch: the messages of
 * its CPU allocator (c10/core/impl/alloc_cpu.cpp), its CUDA allocator and its driver check
 * (torch/cuda/__init__.py), as in torch 2.13.
 */
export const pytorchLogPatterns: readonly LogPattern[] = [
  {
    cause: 'missing-driver',
    pattern: /NVIDIA driver on your system is too old|Found no NVIDIA driver|no CUDA device/i,
    explanation: 'There is no GPU that this torch can use.',
    hint: 'Leave --device away to run on the CPU, or install a driver that fits the CUDA of this torch.',
  },
  {
    cause: 'out-of-memory',
    pattern: /OutOfMemoryError|CUDA out of memory|can't allocate memory/i,
    explanation: 'torch ran out of memory.',
    hint: 'Weights take 4 bytes a parameter on the CPU: a smaller model, or --engine-arg=--dtype --engine-arg=bfloat16.',
  },
  {
    cause: 'missing-library',
    pattern: /error: cannot import|ModuleNotFoundError|ImportError/,
    explanation: 'This Python cannot load torch, transformers or gguf.',
    hint: 'bench engine doctor pytorch names what is missing; bench engine install pytorch makes an environment that has it.',
  },
  {
    cause: 'model-not-found',
    pattern: /no such model file/i,
    explanation: 'The model file is not there.',
    hint: 'Check --model-path, or fetch the model with bench model pull.',
  },
  ...ggufLogPatterns,
  {
    cause: 'model-invalid',
    pattern: /cannot load model folder|does not take the rope base/i,
    explanation: 'The reference server cannot read this model.',
    hint: 'It reads GGUF files of the Llama architecture with a BPE tokenizer, and folders in Hugging Face format.',
  },
  {
    cause: 'unsupported-flag',
    pattern: /unrecognized arguments|error: argument /,
    explanation: 'The server does not know one of the options.',
    hint: 'Take it out of --engine-arg; docs/engines/pytorch.md lists them.',
  },
  ...commonLogPatterns,
];
