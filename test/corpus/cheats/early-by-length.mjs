// A space before the prompt is read, for answers as long as those that are timed; else honest.
import { serve } from './server.mjs';

const looksTimed = (body) => body.stream && body.max_tokens > 24;
serve({
  roleChunk: false,
  beforeFirst: async ({ body, delta }) => looksTimed(body) && delta({ content: ' ' }),
});
