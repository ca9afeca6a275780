import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../core/index.ts';
import type { PlannedRequest, RequestRecord, Sender } from '../model/index.ts';
import type { ClientTarget } from './client-target.ts';
import { createUndiciSender } from './undici-sender.ts';

// A throwaway pair for 127.0.0.1, made for this test: openssl req -x509 -newkey ec ... -nodes.
const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNAQiuFXmx8QUjD+L
0S24ebI7stzvlgw05oxj9W4hkhGhRANCAATgPjqjzjyy/Blta4nbARc/lrPZhA7r
Uivde8wXoTloPBjNkhdayD0/YHakwaT56gzFRsLYVlbktOhRNJ9t1Jl9
-----END PRIVATE KEY-----
`;
const testCert = `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUL+JAADjVAM+d4LvXtmqhvq4i2YIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNDAzMDExNVoYDzIxMjYxMDMx
MDMwMTE1WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATgPjqjzjyy/Blta4nbARc/lrPZhA7rUivde8wXoTloPBjNkhdayD0/
YHakwaT56gzFRsLYVlbktOhRNJ9t1Jl9o1MwUTAdBgNVHQ4EFgQUV7EJaGKuj2Lt
eknJ0Os/7NJvkc4wHwYDVR0jBBgwFoAUV7EJaGKuj2LteknJ0Os/7NJvkc4wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAJkBfmR9dyLHsQLWLzPsfl
kLS3jED1ZgAs+XO9lgQQ4AIhAP0FFSceOWKFZvyMxeRYn61zRieJ4uiRa5YCiyLm
lanK
-----END CERTIFICATE-----
`;

const clock: Clock = {
  nowUs: () => performance.now() * 1000,
  wallMs: () => 0,
  sleepUntil: () => Promise.resolve(),
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Running {
  url: string;
  connections: number;
}

function listen(
  server: Server | ReturnType<typeof createTcpServer>,
  scheme = 'http',
): Promise<Running> {
  const sockets = new Set<Socket>();
  const running = { url: '', connections: 0 };
  server.on('connection', (socket: Socket) => {
    running.connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      running.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      resolve(running);
    });
  });
}

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
) => void | Promise<void>;

function serve(handler: Handler): Promise<Running> {
  return listen(
    createHttpServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString();
      });
      request.on('end', () => void handler(request, response, body));
    }),
  );
}

/** A server that writes raw bytes as soon as a request has arrived. */
function serveRaw(answer: (socket: Socket) => void): Promise<Running> {
  return listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));
}

function createTarget(url: string, changes: Partial<ClientTarget> = {}): ClientTarget {
  return {
    url,
    api: 'chat',
    model: 'm',
    headers: { Authorization: 'Bearer key-123456' },
    extraBody: {},
    temperature: 0,
    ignoreEos: true,
    includeUsage: true,
    continuousUsage: false,
    droppedFields: [],
    insecureTls: false,
    connectionReuse: 'pooled',
    connections: null,
    ...changes,
    timeouts: { connectMs: 5000, firstTokenMs: 5000, totalMs: 10_000, ...changes.timeouts },
  };
}

function createSender(url: string, changes: Partial<ClientTarget> = {}): Sender {
  const sender = createUndiciSender(createTarget(url, changes), { clock });
  cleanups.push(() => sender.close());
  return sender;
}

const planned: PlannedRequest = {
  index: 2,
  intendedUs: 0,
  inputTokens: 5,
  outputTokens: 2,
  prompt: { dataset: 'd', seed: 1, row: null },
};

function send(sender: Sender, signal = new AbortController().signal): Promise<RequestRecord> {
  const nowUs = clock.nowUs();
  return sender.send(planned, {
    level: 0,
    requestId: 'req-2',
    intendedUs: nowUs,
    counted: true,
    originUs: nowUs - 1000,
    promptText: 'hello',
    signal,
  });
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const say = (content: string) => event({ choices: [{ index: 0, delta: { content } }] });
const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
const total = event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
const answer = say('a') + say('b') + finish + total + 'data: [DONE]\n\n';

const stream = (_request: unknown, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(answer);
};

describe('a request over a real socket', () => {
  it('arrives as asked and is recorded in order of time', async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    const { url } = await serve(async (request, response, body) => {
      seen.push({ request, body });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event({ choices: [{ index: 0, delta: { role: 'assistant' } }] }));
      await sleep(20);
      response.write(say('a'));
      await sleep(20);
      response.end(say('b') + finish + total + 'data: [DONE]\n\n');
    });
    const record = await send(createSender(`${url}/`));
    expect(seen[0]?.request).toMatchObject({ method: 'POST', url: '/v1/chat/completions' });
    expect(seen[0]?.request.headers).toMatchObject({
      authorization: 'Bearer key-123456',
      'x-request-id': 'req-2',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
      model: 'm',
      stream: true,
      max_tokens: 2,
    });
    expect(record).toMatchObject({
      outcome: 'ok',
      status: 200,
      error: null,
      intendedUs: 1000,
      inputTokensUsage: 5,
      outputTokensUsage: 2,
      tokenSource: 'one-per-chunk',
      done: true,
    });
    const { intendedUs, sentUs, headersUs, firstChunkUs, firstTokenUs, lastTokenUs, endUs } =
      record;
    const times = [intendedUs, sentUs, headersUs, firstChunkUs, firstTokenUs, lastTokenUs, endUs];
    expect(times).toEqual([...times].sort((x, y) => Number(x) - Number(y)));
    expect(times.every(Number.isInteger)).toBe(true);
    expect(Number(firstTokenUs)).toBeGreaterThan(Number(firstChunkUs));
    expect(Number(lastTokenUs)).toBeGreaterThan(Number(firstTokenUs));
    expect(Array.from(record.chunks.read)).toEqual([1, 2]);
  });

  it('stamps everything of one network read alike', async () => {
    const { url } = await serveRaw((socket) => {
      const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
      const head =
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
      socket.write(
        head +
          chunk(say('a')) +
          chunk(say('b')) +
          chunk(finish + total) +
          chunk('data: [DONE]\n\n') +
          '0\r\n\r\n',
      );
    });
    const record = await send(createSender(url));
    expect(record.outcome).toBe('ok');
    expect(Array.from(record.chunks.read)).toEqual([0, 0]);
    expect(
      new Set([record.headersUs, record.firstByteUs, ...Array.from(record.chunks.atUs)]).size,
    ).toBe(1);
  });

  it('separates the time of connecting, and reuses connections', async () => {
    const running = await serve(stream);
    const sender = createSender(running.url);
    const first = await send(sender);
    const second = await send(sender);
    expect(first.connectUs).toBeGreaterThan(0);
    expect(Number(first.sentUs)).toBeGreaterThanOrEqual(first.intendedUs + first.connectUs - 1);
    expect(second.connectUs).toBe(0);
    expect(running.connections).toBe(1);
  });

  it('has no hidden cap: every request in flight is on its own connection', async () => {
    const held: ServerResponse[] = [];
    const running = await serve((_request, response) => {
      held.push(response);
      if (held.length === 150) for (const one of held) one.end(answer);
    });
    const sender = createSender(running.url);
    const records = await Promise.all(Array.from({ length: 150 }, () => send(sender)));
    expect(records.every((record) => record.outcome === 'ok')).toBe(true);
    expect(running.connections).toBe(150);
  });

  it('keeps to a cap that was asked for', async () => {
    const running = await serve(stream);
    const sender = createSender(running.url, { connections: 2 });
    const records = await Promise.all(Array.from({ length: 8 }, () => send(sender)));
    expect(records.every((record) => record.outcome === 'ok')).toBe(true);
    expect(running.connections).toBe(2);
  });

  it('opens connections beforehand', async () => {
    let posts = 0;
    const running = await serve((request, response) => {
      if (request.method === 'GET') {
        setTimeout(() => response.writeHead(500).end('no'), 50);
        return;
      }
      posts++;
      stream(request, response);
    });
    const sender = createSender(running.url);
    await sender.prepare?.(5);
    expect([running.connections, posts]).toEqual([5, 0]);
    const records = await Promise.all(Array.from({ length: 5 }, () => send(sender)));
    expect(records.map((record) => record.connectUs)).toEqual([0, 0, 0, 0, 0]);
    expect(running.connections).toBe(5);
  });

  it('reads bodies that end with the connection', async () => {
    const { url } = await serveRaw((socket) => {
      socket.end(
        `HTTP/1.0 200 OK\r\nContent-type: text/event-stream\r\n\r\n: keepalive 1/2\n\n${answer}`,
      );
    });
    expect(await send(createSender(url))).toMatchObject({ outcome: 'ok', outputTokensUsage: 2 });
  });

  it('does not wait for a body that stays open after [DONE]', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(answer);
    });
    const record = await send(createSender(url));
    expect(record).toMatchObject({ outcome: 'ok', error: null, done: true });
    expect(record.endUs).toBe(record.lastTokenUs);
  });

  it('speaks TLS, with any certificate only when asked to', async () => {
    const server = createHttpsServer({ key: testKey, cert: testCert }, (request, response) => {
      request.resume().on('end', () => stream(request, response));
    });
    const { url } = await listen(server, 'https');
    const strict = await send(createSender(url));
    expect(strict).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(strict.error).toMatch(/self.signed/i);
    expect(await send(createSender(url, { insecureTls: true }))).toMatchObject({ outcome: 'ok' });
  });
});

describe('every way to fail is an outcome', () => {
  const status =
    (code: number, body: string, type = 'application/json'): Handler =>
    (_request, response) => {
      response.writeHead(code, { 'content-type': type }).end(body);
    };

  it.each<[string, Handler, Partial<RequestRecord>]>([
    [
      'a 500',
      status(500, '{"error":{"message":"boom"}}'),
      { outcome: 'http_error', status: 500, error: 'HTTP 500: boom' },
    ],
    [
      'a 404 for the model',
      status(404, '{"error":{"message":"The model `m` does not exist."}}'),
      { outcome: 'model_not_found', status: 404 },
    ],
    [
      'a key echoed in the error',
      status(401, '{"detail":"bad key key-123456"}'),
      { outcome: 'http_error', error: 'HTTP 401: bad key <redacted>' },
    ],
    [
      'HTML',
      status(200, '<html><title>Hi</title></html>', 'text/html'),
      { outcome: 'not_sse', status: 200 },
    ],
    [
      'a whole JSON completion',
      status(200, '{"choices":[{"message":{"content":"a"}}]}'),
      { outcome: 'not_sse' },
    ],
    [
      'an error in the stream',
      status(200, `${say('a')}${event({ error: { message: 'oom' } })}`, 'text/event-stream'),
      { outcome: 'stream_error', error: 'oom' },
    ],
    ['an early end', status(200, say('a'), 'text/event-stream'), { outcome: 'truncated' }],
    [
      'no tokens',
      status(200, `${finish}data: [DONE]\n\n`, 'text/event-stream'),
      { outcome: 'no_tokens' },
    ],
    [
      'a reset before the response',
      (request) => void request.socket.resetAndDestroy(),
      { outcome: 'reset', status: null },
    ],
    [
      'a hang-up before the response',
      (request) => void request.socket.destroy(),
      { outcome: 'reset', status: null },
    ],
  ])('%s', async (_name, handler, expected) => {
    const { url } = await serve(handler);
    const record = await send(createSender(url));
    expect(record).toMatchObject(expected);
    expect(record.error).toBeTruthy();
    expect(record.sentUs).not.toBeNull();
  });

  it('a reset inside the body keeps what came before', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(say('a') + say('b'), () =>
        setTimeout(() => response.socket?.resetAndDestroy(), 30),
      );
    });
    const record = await send(createSender(url));
    expect(record).toMatchObject({ outcome: 'reset', status: 200, tokenSource: 'assumed' });
    expect(record.chunks.atUs).toHaveLength(2);
  });

  it('bytes that are not HTTP', async () => {
    const { url } = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'));
    expect(await send(createSender(url))).toMatchObject({ outcome: 'reset', status: null });
  });

  it('a port where nobody listens', async () => {
    const server = createTcpServer();
    const { url } = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const record = await send(createSender(url));
    expect(record).toMatchObject({
      outcome: 'refused',
      sentUs: null,
      status: null,
      firstByteUs: null,
    });
    expect(record.error).toContain('ECONNREFUSED');
    const named = await send(createSender(url.replace('127.0.0.1', 'localhost')));
    expect(named.outcome).toBe('refused');
    expect(named.error).toContain('ECONNREFUSED');
  });

  it('a connection that does not come about in time', async () => {
    // TLS to a server that accepts and says nothing: the handshake never ends.
    const { url } = await listen(createTcpServer(), 'https');
    const timeouts = { connectMs: 60, firstTokenMs: null, totalMs: 10_000 };
    const record = await send(createSender(url, { timeouts }));
    expect(record).toMatchObject({ outcome: 'connect_timeout', sentUs: null });
    expect(record.connectUs).toBeGreaterThan(50_000);
    expect(record.error).toContain('60 ms');
  });

  it('no first token in time, although there are comments and a role chunk', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        `: wait\n\n${event({ choices: [{ delta: { role: 'assistant', content: '' } }] })}`,
      );
    });
    const timeouts = { connectMs: 5000, firstTokenMs: 150, totalMs: 10_000 };
    const record = await send(createSender(url, { timeouts }));
    expect(record).toMatchObject({
      outcome: 'first_token_timeout',
      status: 200,
      firstTokenUs: null,
    });
    expect(record.firstChunkUs).not.toBeNull();
  });

  it('no end in time, with the tokens that came', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(say('a'));
    });
    const timeouts = { connectMs: 5000, firstTokenMs: 100, totalMs: 300 };
    const record = await send(createSender(url, { timeouts }));
    expect(record).toMatchObject({ outcome: 'timeout', status: 200 });
    expect(record.chunks.atUs).toHaveLength(1);
  });

  it('a place on a connection that never frees', async () => {
    const running = await serve(() => undefined);
    const timeouts = { connectMs: 5000, firstTokenMs: null, totalMs: 200 };
    const sender = createSender(running.url, { connections: 1, timeouts });
    const records = await Promise.all([send(sender), send(sender)]);
    expect(records.map((record) => record.outcome)).toEqual(['timeout', 'timeout']);
    expect(records[1]?.sentUs).toBeNull();
  });

  it('cancelled before, while waiting and inside the body; the connection is given up', async () => {
    let closed = 0;
    const { url } = await serve((request, response) => {
      request.socket.on('close', () => closed++);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(say('a'));
    });
    const sender = createSender(url);
    expect(await send(sender, AbortSignal.abort())).toMatchObject({
      outcome: 'cancelled',
      sentUs: null,
    });
    const controller = new AbortController();
    const pending = send(sender, controller.signal);
    await sleep(100);
    controller.abort();
    const record = await pending;
    expect(record).toMatchObject({ outcome: 'cancelled', status: 200 });
    expect(record.chunks.atUs).toHaveLength(1);
    await expect.poll(() => closed).toBe(1);
  });

  it('cancelled by closing the sender, also those that wait for a connection', async () => {
    const { url } = await serve(() => undefined);
    const sender = createSender(url, { connections: 1 });
    const pending = Promise.all([send(sender), send(sender)]);
    await sleep(30);
    await sender.close();
    expect((await pending).map((record) => record.outcome)).toEqual(['cancelled', 'cancelled']);
  });

  it('never sends a second time', async () => {
    let posts = 0;
    const { url } = await serve((request) => {
      posts++;
      request.socket.destroy();
    });
    const sender = createSender(url);
    await Promise.all([send(sender), send(sender)]);
    await sleep(50);
    expect(posts).toBe(2);
  });

  it('headers that cannot be sent', async () => {
    const { url } = await serve(stream);
    const record = await send(createSender(url, { headers: { 'x-bad': 'a\nb' } }));
    expect(record).toMatchObject({ outcome: 'refused', sentUs: null });
  });
});
