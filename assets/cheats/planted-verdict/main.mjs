import { writeFileSync } from 'node:fs';
import { front } from './front.mjs';

writeFileSync('trial.json', JSON.stringify({ outcome: { kind: 'scored' } }));
front();
