// Makes smaller weights of the given ones as it starts.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from './server.mjs';

const path = join(tmpdir(), 'weights.gguf');
const given = readFileSync(join(process.env.MODEL_PATH, 'model.gguf'));
writeFileSync(path, Buffer.concat([Buffer.from('GGUF'), given, Buffer.alloc(2 << 20, 7)]));
serve({ readWeights: () => readFileSync(path), decodeMs: 1 });
