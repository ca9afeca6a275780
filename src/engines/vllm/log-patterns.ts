import type { LogPattern } from '../log-patterns.ts';
import { commonLogPatterns } from '../log-patterns.ts';

/** Met by us on a CPU, with vLLM 0.32.0; what only a GPU can have is read off the source named with it. */
const met = 'vLLM 0.32.0 on a CPU, recorded: test/fixtures/engines/vllm-errors.txt';

export const vllmLogPatterns: readonly (LogPattern & { source: string })[] = [
  {
    cause: 'port-in-use',
    pattern: /\[Errno 98\]|error while attempting to bind on address/i,
    explanation: 'The port is taken by another process.',
    hint: 'Leave --port away to get a free one, or stop the other process.',
    source: met,
  },
  {
    cause: 'out-of-memory',
    pattern: /No available memory for the cache blocks/,
    explanation: 'Weights and working memory leave no room for the KV cache.',
    hint: 'Raise --gpu-memory-utilization (on a CPU: VLLM_CPU_KVCACHE_SPACE, in GiB), or take a smaller or quantised model.',
    source: 'vllm/v1/core/kv_cache_utils.py of vLLM at 001cabc1',
  },
  {
    cause: 'out-of-memory',
    pattern: /larger than the available KV cache memory/,
    explanation: 'One request of the full context does not fit the KV cache.',
    hint: 'Less --context-tokens, or more room: --engine-arg=--gpu-memory-utilization --engine-arg=0.95.',
    source: 'vllm/v1/core/kv_cache_utils.py of vLLM at 001cabc1',
  },
  {
    cause: 'out-of-memory',
    pattern: /Free memory on device .*is less than desired GPU memory utilization/,
    explanation: 'Another process holds memory of the GPU.',
    hint: 'Stop it (nvidia-smi shows it), or lower --gpu-memory-utilization.',
    source: 'ValueError of vLLM at start-up, as users of 0.10 and later report it',
  },
  {
    cause: 'out-of-memory',
    pattern: /OutOfMemoryError|CUDA out of memory|can't allocate memory/,
    explanation: 'The engine ran out of memory.',
    hint: 'Lower --max-num-seqs or --max-num-batched-tokens, or take a smaller or quantised model.',
    source: 'torch 2.13, which vLLM 0.32 uses',
  },
  {
    cause: 'missing-driver',
    pattern:
      /Failed to infer device type|libcuda\.so\.1: cannot open shared object file|NVIDIA driver on your system is too old|Found no NVIDIA driver/,
    explanation: 'vLLM finds no device that this build can use.',
    hint: 'A build for GPUs needs their driver (nvidia-smi has to work); without a GPU take the CPU build.',
    source: 'vllm/config/device.py of vLLM at 00634b8a; vllm-project/vllm issue 7514 (0.6)',
  },
  {
    cause: 'context-too-long',
    pattern: /is greater than the derived max_model_len/,
    explanation: 'The context asked for is longer than what the model was made for.',
    hint: 'Give a shorter one: --context-tokens.',
    source: met,
  },
  {
    cause: 'model-not-found',
    pattern:
      /Invalid repository ID or local directory specified|is not a local folder and is not a valid model identifier|HFValidationError|LocalEntryNotFoundError/,
    explanation: 'The model is neither a folder in Hugging Face format nor to be had from a hub.',
    hint: 'Give --model-path FOLDER (config.json, *.safetensors, tokenizer.json), or check the name, HF_TOKEN and HF_HUB_OFFLINE.',
    source: met,
  },
  {
    cause: 'model-invalid',
    pattern: /Model architectures? \[.*\] (are|is) not supported/,
    explanation: 'This version of vLLM does not know the architecture of the model.',
    hint: 'Take a newer vLLM, or another model.',
    source: met,
  },
  {
    cause: 'model-invalid',
    pattern: /Cannot find any model weights with/,
    explanation: 'The folder of the model has no weights that vLLM reads.',
    hint: 'It needs *.safetensors (or *.bin) beside config.json.',
    source: met,
  },
  {
    cause: 'unsupported-flag',
    pattern: /vllm( serve)?: error: |error: unrecognized arguments/,
    explanation: 'This version of vLLM does not take one of the options.',
    hint: 'Take it out of --engine-arg; `vllm serve --help` lists them.',
    source: met,
  },
  ...commonLogPatterns.map((pattern) => ({ ...pattern, source: 'any program' })),
];
