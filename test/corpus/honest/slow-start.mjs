// Listens long before it is ready.
import { serve } from './server.mjs';

let polls = 0;
serve({
  ready: () => {
    polls += 1;
    return polls > 20;
  },
});
