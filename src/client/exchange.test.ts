import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createNodeHost } from '../host/index.ts';
import { defaultTarget } from './client-target.ts';
import { createExchanger, type ExchangeAsk } from './exchange.ts';

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';

/** Answers each request by this. */
async function ask(answer: (socket: Socket) => void, more: Partial<ExchangeAsk> = {}) {
  const sockets: Socket[] = [];
  let closed = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('close', () => closed++);
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const exchanger = createExchanger(
    {
      ...defaultTarget,
      url: `http://127.0.0.1:${port}/v1`,
      headers: { 'x-api-key': 'sesame-key' },
    },
    { clock: createNodeHost().clock },
  );
  onTestFinished(async () => {
    await exchanger.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const exchange = await exchanger.exchange({
    ...{ path: '/v1/completions', body: '{}', timeoutMs: 60_000 },
    signal: new AbortController().signal,
    ...more,
  });
  return { exchange, closed: () => closed, port };
}

test('keeps status, headers, body, events and comments of a whole reply', async () => {
  const body = ': hello\n\ndata: {"a":1}\n\ndata: [DONE]\n\n';
  const { exchange } = await ask((socket) => {
    socket.end(`${head}X-Own: 1\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  expect(exchange).toMatchObject({ end: 'complete', status: 200, body, bytes: body.length });
  expect(exchange.headers).toMatchObject({ 'x-own': '1', 'content-type': 'text/event-stream' });
  expect(exchange.events.map(({ data }) => data)).toEqual(['{"a":1}', '[DONE]']);
  expect(exchange.error).toBeNull();
});

test('a body that ends with its connection is complete, one that breaks off is cut', async () => {
  const whole = await ask((socket) => socket.end(`${head}\r\ndata: 1\n\n`));
  expect(whole.exchange).toMatchObject({ end: 'complete', bytes: 9 });
  const broken = await ask((socket) => socket.end(`${head}content-length: 99\r\n\r\ndata: 1\n\n`));
  expect(broken.exchange).toMatchObject({ end: 'cut', status: 200, body: 'data: 1\n\n' });
});

test('hangs up when it is told to, when time is up, when it is aborted, and when it is too much', async () => {
  const open = (socket: Socket) => socket.write(`${head}\r\ndata: 1\n\ndata: 2\n\n`);
  const stopped = await ask(open, { stopWhen: (events) => events.length >= 1 });
  expect(stopped.exchange.end).toBe('stopped');
  await expect.poll(stopped.closed, { timeout: 30_000 }).toBe(1);
  const late = await ask(open, { timeoutMs: 50 });
  expect(late.exchange.end).toBe('timeout');
  await expect.poll(late.closed, { timeout: 30_000 }).toBe(1);
  const much = await ask(open, { maxBytes: 10 });
  expect(much.exchange.end).toBe('too-large');
  const aborted = await ask(open, { signal: AbortSignal.abort() });
  expect(aborted.exchange).toMatchObject({ end: 'stopped', status: null });
});

test('no reply at all: refused before the connection, cut after it', async () => {
  const reset = await ask((socket) => socket.resetAndDestroy());
  expect(reset.exchange).toMatchObject({ end: 'cut', status: null });
  const { port } = reset;
  const exchanger = createExchanger(
    { ...defaultTarget, url: `http://127.0.0.1:${port === 1 ? 2 : 1}/v1` },
    { clock: createNodeHost().clock },
  );
  onTestFinished(() => exchanger.close());
  const signal = new AbortController().signal;
  const refused = await exchanger.exchange({ path: '/', timeoutMs: 60_000, signal });
  expect(refused).toMatchObject({ end: 'refused', status: null });
});
