import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createMonotonicClock } from '../../../host/index.ts';
import { sendTraffic } from './ask-server.ts';

const chunk = (content: unknown, index = 0, more = {}) =>
  `data: ${JSON.stringify({ choices: [{ index, delta: { content }, finish_reason: null }], ...more })}\n\n`;

it.each([true, false])(
  'gives a time to nothing but text of the first choice (timed: %s)',
  async (timed) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      // As many chunks as tokens are claimed: by that alone the empty ones would count.
      response.write(chunk('') + chunk('') + chunk('early', 1));
      // Not before the client has read those: their times differ then.
      setTimeout(() => {
        response.write(chunk(' one') + chunk(null) + chunk(' two'));
        const usage = { prompt_tokens: 3, completion_tokens: 5 };
        response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
      }, 200);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const ask = {
        messages: [{ role: 'user' as const, content: 'x' }],
        ...{ inputTokens: 3, outputTokens: 5, temperature: 0.7, ignoreEos: true },
      };
      const target = {
        baseUrl: `http://127.0.0.1:${port}/v1`,
        model: 'm',
        requestTimeoutMs: 60_000,
      };
      const traffic = {
        ...{ id: 'x', asks: [ask], arrival: 'burst' as const, maxInFlight: 1, rateRps: null },
        ...{ timed, seed: 0 },
      };
      const deps = { clock: createMonotonicClock(), signal: new AbortController().signal };
      const [answer] = await sendTraffic(target, traffic, deps);
      expect(answer).toMatchObject({ outcome: 'ok', text: ' one two', firstText: ' one' });
      expect(answer?.chunkAtMs).toHaveLength(2);
      // What the server waited for at the least; timers may be a moment early.
      expect(answer?.ttftMs).toBeGreaterThan(190);
      expect(answer?.latencyMs).toBeGreaterThanOrEqual(answer?.ttftMs ?? Infinity);
    } finally {
      server.close();
    }
  },
);
