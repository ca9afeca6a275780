import { commonLogPatterns, type LogPattern } from '../log-patterns.ts';
import { pythonLogPatterns } from '../python-log-patterns.ts';

const commit = 'db931fcf (3.3.6-dev0)';

/** None of these was met by us: each is read off the source or the report named with it. */
export const tgiLogPatterns: readonly LogPattern[] = [
  {
    cause: 'out-of-memory',
    pattern: /Not enough memory to handle \d+ prefill tokens/,
    explanation: 'The warm-up with the largest prefill does not fit the GPU.',
    hint: 'Lower it: --engine-arg=--max-batch-prefill-tokens --engine-arg=2048; or a smaller or quantised model.',
    source: `server/text_generation_server/models/flash_causal_lm.py at ${commit}`,
  },
  {
    cause: 'out-of-memory',
    pattern: /Not enough memory to handle `max_total_tokens=/,
    explanation: 'One request of the full context does not fit the KV cache.',
    hint: 'Less --context-tokens, a smaller or quantised model, or more GPUs (--num-shard).',
    source: `backends/v3/src/lib.rs at ${commit}`,
  },
  {
    cause: 'missing-driver',
    pattern: /ImportError: CUDA is not available|NotEnoughCUDADevices/,
    explanation: 'TGI finds no GPU, or fewer than --num-shard.',
    hint: 'nvidia-smi has to work; in a container give it the GPUs (--gpus all).',
    source: `huggingface/text-generation-inference issues 531 and 620 (0.9 to 2.0); launcher/src/main.rs at ${commit}`,
  },
  {
    cause: 'missing-library',
    pattern: /text-generation-(server|router) not found in PATH/,
    explanation: 'The launcher does not find the programs that it starts.',
    hint: 'They have to be on PATH beside it: the container image has them.',
    source: `launcher/src/main.rs at ${commit}`,
  },
  {
    cause: 'context-too-long',
    pattern: /`inputs` tokens \+ `max_new_tokens` must be <=|`inputs` must have less than/,
    explanation: 'A request is longer than the context it was started with.',
    hint: 'More --context-tokens, or shorter prompts.',
    source: `router/src/validation.rs at ${commit}`,
  },
  {
    cause: 'model-invalid',
    pattern: /Unsupported model type/,
    explanation: 'This version of TGI does not know the architecture of the model.',
    hint: 'Take another model, or another engine: TGI gets no new ones.',
    source: `server/text_generation_server/models/__init__.py at ${commit}`,
  },
  {
    cause: 'model-not-found',
    pattern: /No safetensors weights found for model/,
    explanation: 'The model has no weights that TGI can load.',
    hint: 'Give --model-path FOLDER with *.safetensors, or check the name and HF_TOKEN.',
    source: `server/text_generation_server/cli.py at ${commit}`,
  },
  {
    cause: 'unsupported-flag',
    pattern: /error: unexpected argument|error: invalid value .* for|error: the argument/,
    explanation: 'This version of the launcher does not take one of the options.',
    hint: 'Take it out of --engine-arg; `text-generation-launcher --help` lists them.',
    source: 'clap 4, which its command line is built on',
  },
  {
    cause: 'unsupported-flag',
    pattern: /ArgumentValidation\(/,
    explanation: 'The launcher takes the options one by one, but not together.',
    hint: 'The line says which two; change them with --context-tokens or --engine-arg.',
    source: `launcher/src/main.rs at ${commit}`,
  },
  {
    cause: 'port-in-use',
    pattern: /The server socket has failed to (listen|bind)/,
    explanation: 'The port over which the shards meet is taken by another process.',
    hint: 'Give another: --engine-arg=--master-port --engine-arg=29501.',
    source: 'huggingface/text-generation-inference issue 1156 (1.1); torch.distributed',
  },
  ...pythonLogPatterns,
  ...commonLogPatterns,
];
