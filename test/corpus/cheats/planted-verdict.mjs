// Writes a verdict where a judge might look.
import { writeFileSync } from 'node:fs';
import { serve } from './server.mjs';

writeFileSync('trial.json', JSON.stringify({ outcome: { kind: 'scored' } }));
serve();
