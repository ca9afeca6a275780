// Two spaces before the prompt is read: behind the first chunk comes another one at once.
import { serve } from './server.mjs';

serve({
  roleChunk: false,
  beforeFirst: async ({ body, delta }) => {
    if (!body.stream) return;
    delta({ content: ' ' });
    delta({ content: ' ' });
  },
});
