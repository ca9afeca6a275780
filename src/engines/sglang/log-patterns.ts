import { commonLogPatterns, type LogPattern } from '../log-patterns.ts';
import { pythonLogPatterns } from '../python-log-patterns.ts';

/** None of these was met by us: each is read off the source or the report named with it. */
export const sglangLogPatterns: readonly LogPattern[] = [
  {
    cause: 'out-of-memory',
    pattern:
      /Not enough memory\. Please try to increase --mem-fraction-static|leave no GPU memory for the KV cache/,
    explanation: 'The weights leave no room for the KV cache in the share of memory it may take.',
    hint: 'Raise it: --engine-arg=--mem-fraction-static --engine-arg=0.92; or take a smaller or quantised model, or more GPUs (--tp-size).',
    source: 'sgl-project/sglang issue 4330 (0.4.3.post2) and pull request 28855 (June 2026)',
  },
  {
    cause: 'out-of-memory',
    pattern: /Capture cuda graph failed: .*(out of memory|OutOfMemory)/i,
    explanation: 'There was no memory left to capture CUDA graphs.',
    hint: 'Lower --mem-fraction-static or --cuda-graph-max-bs, or give --disable-cuda-graph.',
    source: 'SGLang, model_executor/cuda_graph_runner.py, 0.4 and 0.5',
  },
  {
    cause: 'missing-driver',
    pattern: /No accelerator \(CUDA.*is available/,
    explanation: 'SGLang finds no device that this build can use.',
    hint: 'nvidia-smi has to work, and CUDA_VISIBLE_DEVICES must not hide the GPU.',
    source: 'SGLang, get_device in srt/utils, 0.4 and 0.5',
  },
  {
    cause: 'context-too-long',
    // The same sentence is a warning where the user allowed it, and about draft models.
    pattern: /User-specified context_length \(\d+\) is greater than the derived context_length/,
    explanation: 'The context asked for is longer than what the model was made for.',
    hint: 'Give a shorter one: --context-tokens.',
    source: 'SGLang, configs/model_config.py, 0.5 (2026)',
  },
  {
    cause: 'model-invalid',
    pattern: /Model architectures \[.*\] are not supported for now/,
    explanation: 'This version of SGLang does not know the architecture of the model.',
    hint: 'Take a newer SGLang, or another model.',
    source: 'SGLang, models/registry.py, 0.4 and 0.5; the sentence of vLLM',
  },
  {
    cause: 'unsupported-flag',
    pattern: /(launch_server\.py|sglang( serve)?|serve): error: |error: unrecognized arguments/,
    explanation: 'This version of SGLang does not take one of the options.',
    hint: 'Take it out of --engine-arg; `sglang serve --help` lists them.',
    source: 'sgl-project/sglang issues 4116 (0.4.3) and 12818 (0.5.5)',
  },
  ...pythonLogPatterns,
  {
    cause: 'cuda-graph',
    pattern: /Capture cuda graph failed/,
    explanation: 'CUDA graphs could not be captured.',
    hint: 'The lines before say why; --engine-arg=--disable-cuda-graph does without them.',
    source: 'SGLang, model_executor/cuda_graph_runner.py, 0.4 and 0.5',
  },
  ...commonLogPatterns,
];
