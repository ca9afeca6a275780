// Two places in its batch, others wait; a batch is slower than one alone.
import { serve } from './server.mjs';

let running = 0;
const waiting = [];
serve({
  beforeFirst: async () => {
    if (running >= 2) await new Promise((resolve) => waiting.push(resolve));
    running += 1;
  },
  decodeMs: () => (running > 1 ? 3 : 2),
  afterAnswer: () => {
    running -= 1;
    waiting.shift()?.();
  },
});
