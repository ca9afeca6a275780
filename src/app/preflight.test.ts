import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { defaultTarget } from '../client/index.ts';
import { createNodeHost } from '../host/index.ts';
import { runPreflight } from './preflight.ts';

const text =
  'data: {"choices":[{"index":0,"text":"hi","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const reply = (type: string, body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** Says `100 Continue` to every POST, though nobody asked it to. */
async function startContinuing(): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    let head = '';
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      if (head.startsWith('GET')) {
        head = '';
        socket.write(reply('application/json', '{"data":[{"id":"m"}]}'));
      } else if (head.endsWith('}')) {
        head = '';
        socket.write(`HTTP/1.1 100 Continue\r\n\r\n${reply('text/event-stream', text)}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
}

test('the raw transport asks by its own path, which reads past 100 Continue', async () => {
  const url = await startContinuing();
  const ask = (transport: 'raw' | 'undici') =>
    runPreflight({
      target: { ...defaultTarget, url, model: 'm' },
      api: 'completions',
      connectionReuse: 'pooled',
      transport,
      model: 'm',
      clock: createNodeHost().clock,
      signal: new AbortController().signal,
    });
  const { findings, firstRequestMs } = await ask('raw');
  expect(findings.filter(({ code }) => code === 'preflight-failed')).toEqual([]);
  expect(firstRequestMs).not.toBeNull();
});

test('an endpoint that is known to ignore ignore_eos is not asked for it, and the result says so', async () => {
  const bodies: Record<string, unknown>[] = [];
  const pages: Record<string, unknown> = {
    '/v1/models': { data: [{ id: 'm', owned_by: 'm' }] },
    '/info': { router: 'text-generation-router', version: '3.3.6' },
  };
  const server = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const { method, url = '' } = request;
      if (method === 'GET') {
        response.writeHead(url in pages ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(pages[url] ?? {}));
        return;
      }
      bodies.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
  const ask = (ignoreEos: boolean) =>
    runPreflight({
      target: { ...defaultTarget, url, model: 'm', ignoreEos },
      api: 'completions',
      connectionReuse: 'pooled',
      model: 'm',
      clock: createNodeHost().clock,
      signal: new AbortController().signal,
    });
  const { findings, target } = await ask(true);
  expect(findings).toContainEqual(
    expect.objectContaining({ code: 'lengths-not-enforced', severity: 'warning' }),
  );
  expect(target.droppedFields).toEqual(['ignore_eos', 'min_tokens']);
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) {
    expect(body).not.toHaveProperty('ignore_eos');
    expect(body).not.toHaveProperty('min_tokens');
  }
  const free = await ask(false);
  expect(free.findings.filter(({ code }) => code === 'lengths-not-enforced')).toEqual([]);
});
