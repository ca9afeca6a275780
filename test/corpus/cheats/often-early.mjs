// A space before the prompt is read, in three of five answers: more than half decide a median.
import { serve } from './server.mjs';

serve({
  roleChunk: false,
  beforeFirst: async ({ body, delta }) => {
    if (body.stream && Math.random() < 0.6) delta({ content: ' ' });
  },
});
