import { commonLogPatterns, type LogPattern } from '../log-patterns.ts';
import { pythonLogPatterns } from '../python-log-patterns.ts';

/** None of these was met by us: each is read off the source or the report named with it. */
export const trtllmLogPatterns: readonly LogPattern[] = [
  {
    cause: 'missing-driver',
    pattern: /No GPU devices found on the node/,
    explanation: 'TensorRT-LLM finds no NVIDIA GPU.',
    hint: 'nvidia-smi has to work; in a container give it the GPUs (--gpus all).',
    source: 'tensorrt_llm/commands/serve.py at 00209af1 (1.2)',
  },
  {
    cause: 'port-in-use',
    pattern: /Failed to bind socket to/,
    explanation: 'The port is taken by another process.',
    hint: 'Leave --port away to get a free one, or stop the other process.',
    source: 'tensorrt_llm/commands/serve.py at 00209af1 (1.2)',
  },
  {
    cause: 'out-of-memory',
    pattern: /Executor creation failed due to insufficient GPU memory/,
    explanation: 'The GPU has no room for weights, KV cache and working memory together.',
    hint: 'Lower --kv_cache_free_gpu_memory_fraction, --max_num_tokens or --slots, or take a smaller or quantised model, or more GPUs (--tp_size). The lines after it say which part took what.',
    source: 'tensorrt_llm/_torch/pyexecutor/py_executor_creator.py, 1.2.1',
  },
  {
    cause: 'context-too-long',
    pattern: /should not exceed max_(num_tokens|seq_len) \(\d+\)/,
    explanation: 'A prompt is longer than one batch of tokens, or than the context.',
    hint: 'More --context-tokens, or --engine-arg=--enable_chunked_prefill.',
    source: 'tensorrt_llm/llmapi/llm.py, 1.0 to 1.2',
  },
  {
    cause: 'model-invalid',
    pattern: /Unknown architecture for AutoModelForCausalLM/,
    explanation: 'This version of TensorRT-LLM does not know the architecture of the model.',
    hint: 'Take a newer TensorRT-LLM, or another model.',
    source: 'tensorrt_llm/_torch/models/modeling_auto.py, 1.0.0rc3 to 1.2.1',
  },
  {
    cause: 'unsupported-flag',
    pattern: /Error: (No such option|Invalid value|Got unexpected extra argument|Missing argument)/,
    explanation: 'This version of trtllm-serve does not take one of the options.',
    hint: 'Take it out of --engine-arg; `trtllm-serve --help` lists them.',
    source: 'click 8, which its command line is built on',
  },
  {
    cause: 'unsupported-flag',
    pattern: /Extra inputs are not permitted/,
    explanation:
      'The file of --extra_llm_api_options has an entry that this version does not know.',
    hint: 'Take the entry out of the file; the lines before name it.',
    source: 'pydantic 2, which checks the arguments of its LLM API',
  },
  ...pythonLogPatterns,
  ...commonLogPatterns,
];
