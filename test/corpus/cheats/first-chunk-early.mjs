// Sends a space before it has read the prompt.
import { serve } from './server.mjs';

serve({
  roleChunk: false,
  beforeFirst: async ({ body, delta }) => body.stream && delta({ content: ' ' }),
});
