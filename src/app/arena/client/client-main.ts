import process from 'node:process';
import { createInterface } from 'node:readline';
import { isBenchError, messageOf } from '../../../core/index.ts';
import { createEntryContext } from '../../../engines/index.ts';
import { createLoadClient } from './load-client.ts';
import type { ClientReply, ClientRequest, ClientValue } from './protocol.ts';

/**
 * A program of its own: the load client of a judged server, in that server's network and in nothing
 * else of it. Requests come by standard input and answers go by standard output, a line of JSON
 * each; it ends when its input does.
 */
const stop = new AbortController();
const client = createLoadClient({ ...createEntryContext(() => {}), signal: stop.signal });

function answer(request: ClientRequest): Promise<ClientValue> {
  switch (request.want) {
    case 'send':
      return client.send(request.target, request.traffic);
    case 'port':
      return client.isPortFree(request.host, request.port);
    case 'ready':
      return client.ready(request.readiness);
  }
}

async function handle(line: string): Promise<void> {
  const request = JSON.parse(line) as ClientRequest;
  const { id } = request;
  let reply: ClientReply;
  try {
    reply = { id, value: await answer(request) };
  } catch (error) {
    const { code = null, hint = null } = isBenchError(error) ? error : {};
    reply = { id, error: { code, message: messageOf(error), hint } };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void handle(line));
lines.on('close', () => {
  stop.abort(new Error('the arena is gone'));
  process.exit(0);
});
