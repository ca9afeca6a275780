import type { LogPattern } from '../log-patterns.ts';
import { commonLogPatterns } from '../log-patterns.ts';

/** Lines after which the process stays, and serves nothing: what generates is a thread of its own. */
export const mlxDeadLines = /generation thread died|Address already in use/;

export const mlxLogPatterns: readonly (LogPattern & { source: string })[] = [
  {
    cause: 'out-of-memory',
    pattern:
      /kIOGPUCommandBufferCallbackErrorOutOfMemory|\[(metal::)?malloc\w*\] (Attempting to|Unable to) allocate|Resource limit \(\d+\) exceeded/,
    explanation: 'MLX ran out of memory.',
    hint: 'A smaller or quantised model, fewer --slots, or less in --engine-arg=--prompt-cache-bytes.',
    source: 'ml-explore/mlx pull request 479 and issue 3327, ml-explore/mlx-lm issue 1672 (0.31)',
  },
  {
    cause: 'missing-library',
    pattern: /libmlx\.so|No module named 'mlx|ImportError: .*mlx/,
    explanation: 'This Python cannot load MLX.',
    hint: "On Linux mlx needs a backend: pip install 'mlx[cpu]'. bench engine doctor mlx names what is missing.",
    source: 'ml-explore/mlx issues 2390 and 2500 (0.26)',
  },
  {
    cause: 'model-invalid',
    pattern:
      /Model type \S+ not supported|Received \d+ parameters not in model|Missing \d+ parameters|No safetensors found in|requires importing and running a custom module/,
    explanation: 'mlx-lm cannot load this model.',
    hint: 'Take a model in MLX or Hugging Face format whose architecture this mlx-lm knows, or a newer mlx-lm.',
    source: 'mlx_lm/utils.py of mlx-lm 0.32.2; mlx.nn of mlx 0.32.4',
  },
  {
    cause: 'model-not-found',
    pattern:
      /RepositoryNotFoundError|LocalEntryNotFoundError|OfflineModeIsEnabled|No such file or directory: '.*config\.json'/,
    explanation: 'The model is neither a folder nor to be had from the hub.',
    hint: 'Give --model-path FOLDER (config.json, *.safetensors, tokenizer.json), or check the name, HF_TOKEN and HF_HUB_OFFLINE.',
    source: 'huggingface_hub, which mlx-lm 0.32.2 asks for what is no folder',
  },
  {
    cause: 'unsupported-flag',
    pattern: /error: unrecognized arguments|error: argument --/,
    explanation: 'This version of mlx_lm.server does not take one of the options.',
    hint: 'Take it out of --engine-arg; `mlx_lm.server --help` lists them.',
    source: "argparse of CPython 3, which mlx-lm 0.32.2's command line is built on",
  },
  ...commonLogPatterns.map((pattern) => ({ ...pattern, source: 'any program' })),
];
