// Answers a prompt that it knows from memory.
import { serve } from './server.mjs';

const known = new Set();
serve({
  decodeMs: ({ messages }) => (known.has(JSON.stringify(messages)) ? 0 : 2),
  afterAnswer: ({ body }) => known.add(JSON.stringify(body.messages)),
});
