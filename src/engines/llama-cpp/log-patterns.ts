import type { LogPattern } from '../log-patterns.ts';
import { commonLogPatterns } from '../log-patterns.ts';

export const llamaCppLogPatterns: readonly LogPattern[] = [
  {
    cause: 'model-not-found',
    pattern: /failed to open (model file|GGUF file)|gguf_init_from_file.*failed to open/i,
    explanation: 'The model file is not there or cannot be read.',
    hint: 'Check --model-path, or fetch the model with bench model pull.',
  },
  {
    cause: 'model-invalid',
    pattern:
      /invalid magic|bad magic|not a valid gguf|failed to read (magic|key-value|tensor)|data is not within the file bounds|unknown model architecture/i,
    explanation: 'The file is not a GGUF model that this build understands.',
    hint: 'Fetch it again (bench model pull), or take a newer build of the engine.',
  },
  {
    cause: 'invalid-value',
    pattern:
      /error: invalid argument: --set .*: (invalid literal|could not convert|expected |not one of |cannot be set from text|cannot convert|Python int too large)|error: argument --\S+: (invalid|expected)|error while handling argument "/i,
    explanation: 'One of the options is there, but does not take that value.',
    hint: 'Give it another value; the line of the log names the option and what is wrong with the value.',
  },
  {
    cause: 'unsupported-flag',
    pattern:
      /error: (invalid argument|unknown argument|unrecognized arguments?)|unrecognized arguments/i,
    explanation: 'This build does not know one of the options.',
    hint: 'Take it out of the engine arguments, or use another version of the engine.',
  },
  {
    cause: 'missing-library',
    pattern: /cannot load xllamacpp/i,
    explanation: 'The wheel cannot be loaded by this Python.',
    hint: 'Run bench engine install llama.cpp again, or use --engine-path.',
  },
  ...commonLogPatterns,
];
