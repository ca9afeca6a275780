// Refuses a third of the work, quickly.
import { json, serve } from './server.mjs';

let count = 0;
serve({
  onRequest: ({ body, response }) => {
    count += 1;
    if (!body.stream || count % 3 !== 0) return false;
    json(response, 500, { error: { message: 'busy' } });
    return true;
  },
});
