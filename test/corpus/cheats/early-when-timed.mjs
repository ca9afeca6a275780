// Honest in a launch that begins with a greedy request, as probes do; else it is early with a space.
import { serve } from './server.mjs';

let probed = null;
serve({
  roleChunk: false,
  beforeFirst: async ({ body, delta }) => {
    if (body.max_tokens > 4) probed ??= body.temperature === 0;
    if (body.stream && probed === false) delta({ content: ' ' });
  },
});
