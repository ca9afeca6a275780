// Lets a server elsewhere do the work; remote.json says where.
import { readFileSync } from 'node:fs';
import { serve } from './server.mjs';

const { url } = JSON.parse(readFileSync('remote.json', 'utf8'));
serve({
  onRequest: async ({ body, response }) => {
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') });
    for await (const piece of reply.body) response.write(piece);
    response.end();
    return true;
  },
});
