import type { LogPattern } from './log-patterns.ts';

/** What PyTorch, uvicorn and Hugging Face's libraries print, whichever engine is built on them. */
export const pythonLogPatterns: readonly LogPattern[] = [
  {
    cause: 'port-in-use',
    pattern: /\[Errno 98\]|error while attempting to bind on address/i,
    explanation: 'The port is taken by another process.',
    hint: 'Leave --port away to get a free one, or stop the other process.',
    source: 'uvicorn, as in vllm-project/vllm issues 8204 (0.5) and 9763 (0.6)',
  },
  {
    cause: 'out-of-memory',
    pattern: /OutOfMemoryError|CUDA (error: )?out of memory|can't allocate memory/,
    explanation: 'The engine ran out of memory.',
    hint: 'Fewer --slots, less --context-tokens, or a smaller or quantised model; nvidia-smi shows what else holds memory.',
    source: 'torch 2.13',
  },
  {
    cause: 'missing-driver',
    pattern:
      /libcuda\.so\.1: cannot open shared object file|NVIDIA driver on your system is too old|Found no NVIDIA driver|No CUDA GPUs are available/,
    explanation: 'There is no GPU that this build can use.',
    hint: 'nvidia-smi has to work, and its driver has to fit the CUDA of the build.',
    source: 'torch/cuda/__init__.py of torch 2.13; vllm-project/vllm issue 7514 (0.6)',
  },
  {
    cause: 'model-not-found',
    pattern:
      /is not a local folder and is not a valid model identifier|Repo id must be in the form|RepositoryNotFoundError|LocalEntryNotFoundError/,
    explanation: 'The model is neither a folder in Hugging Face format nor to be had from a hub.',
    hint: 'Give --model-path FOLDER (config.json, *.safetensors, tokenizer.json), or check the name, HF_TOKEN and HF_HUB_OFFLINE.',
    source: 'transformers 4.55, utils/hub.py; huggingface_hub 0.34, errors.py',
  },
];
