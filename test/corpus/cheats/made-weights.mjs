// Makes weights of its own as it starts, and never opens the given model.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from './server.mjs';

const path = join(tmpdir(), 'weights.data');
writeFileSync(path, Buffer.alloc(2 << 20, 7));
serve({ readWeights: () => readFileSync(path) });
