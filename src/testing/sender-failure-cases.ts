import assert from 'node:assert/strict';
import { connect, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { RequestRecord } from '../model/index.ts';
import type { Case } from './case.ts';
import {
  assertHas,
  event,
  finish,
  httpChunk,
  pacedCase,
  type RigHandler,
  role,
  type SenderFactory,
  say,
  senderCase,
  sseHeaders,
  stream,
  streamHead,
} from './sender-rig.ts';

const reply =
  (code: number, body: string, type = 'application/json'): RigHandler =>
  (_request, response) =>
    response.writeHead(code, { 'content-type': type }).end(body);

const sse = 'text/event-stream';

const failures: [string, RigHandler, Partial<RequestRecord>][] = [
  [
    'a 500',
    reply(500, '{"error":{"message":"boom"}}'),
    { outcome: 'http_error', status: 500, error: 'HTTP 500: boom' },
  ],
  [
    'a 404 for the model',
    reply(404, '{"error":{"message":"The model `m` does not exist."}}'),
    { outcome: 'model_not_found', status: 404 },
  ],
  [
    'a key echoed in the error',
    reply(401, '{"detail":"bad key key-123456"}'),
    { outcome: 'http_error', error: 'HTTP 401: bad key <redacted>' },
  ],
  [
    'HTML',
    reply(200, '<html><title>Hi</title></html>', 'text/html'),
    { outcome: 'not_sse', status: 200 },
  ],
  [
    'a whole JSON completion',
    reply(200, '{"choices":[{"message":{"content":"a"}}]}'),
    { outcome: 'not_sse' },
  ],
  [
    'a compressed stream',
    (_request, response) =>
      response.writeHead(200, { ...sseHeaders, 'content-encoding': 'gzip' }).end('x'),
    { outcome: 'not_sse' },
  ],
  [
    'an error in the stream',
    reply(200, `${say('a')}${event({ error: { message: 'oom' } })}`, sse),
    { outcome: 'stream_error', error: 'oom' },
  ],
  ['an early end', reply(200, say('a'), sse), { outcome: 'truncated' }],
  ['no tokens', reply(200, `${finish}data: [DONE]\n\n`, sse), { outcome: 'no_tokens' }],
  [
    'a reset before the response',
    (request) => void request.socket.resetAndDestroy(),
    { outcome: 'reset', status: null, error: 'read ECONNRESET' },
  ],
  [
    'a hang-up before the response',
    (request) => void request.socket.destroy(),
    { outcome: 'reset', status: null },
  ],
];

const afterTokens: Partial<RequestRecord> = { status: 200, tokenSource: 'assumed' };

/** Every way to fail is an outcome; nothing is sent twice. */
export const senderFailureCases: readonly Case<SenderFactory>[] = [
  ...failures.map(([name, handler, expected]) =>
    senderCase(`fails: ${name}`, async (rig) => {
      const { url } = await rig.serve(handler);
      const record = await rig.send(rig.sender(url));
      assertHas(record, expected);
      assert.ok(record.error);
      assert.notEqual(record.sentUs, null);
    }),
  ),

  senderCase('fails: a reset inside the body keeps what came before', async (rig) => {
    const { url } = await rig.serve((_request, response) => {
      response.writeHead(200, sseHeaders);
      response.write(say('a') + say('b'), () =>
        setTimeout(() => response.socket?.resetAndDestroy(), 30),
      );
    });
    const record = await rig.send(rig.sender(url));
    assertHas(record, { ...afterTokens, outcome: 'reset' });
    assert.equal(record.chunks.atUs.length, 2);
  }),

  senderCase('fails: a hang-up inside a chunked body', async (rig) => {
    const record = await rig.exchange((socket) => {
      socket.end(streamHead + httpChunk(say('a')) + httpChunk(say('b')));
    });
    assertHas(record, { ...afterTokens, outcome: 'reset' });
    assert.equal(record.chunks.atUs.length, 2);
  }),

  senderCase('fails: a hang-up before the stated length', async (rig) => {
    const record = await rig.exchange((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${say('a')}`);
    });
    assertHas(record, { ...afterTokens, outcome: 'reset' });
  }),

  senderCase('fails: a chunked body of a closing connection that is cut short', async (rig) => {
    const head = streamHead.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const record = await rig.exchange((socket) => void socket.end(head + httpChunk(say('a'))));
    assertHas(record, { ...afterTokens, outcome: 'reset' });
  }),

  ...['SSH-2.0-OpenSSH\r\n\r\n', 'HTTP/1.1 abc\r\n\r\n', `${streamHead}xyz\r\n`].map((bytes) =>
    senderCase(
      `fails: bytes that are not HTTP: ${JSON.stringify(bytes.slice(-20))}`,
      async (rig) => {
        // It stays open: what is wrong must be told by the bytes, not by their end.
        const record = await rig.exchange((socket) => void socket.write(bytes));
        assert.equal(record.outcome, 'reset');
        assert.match(record.error ?? '', /does not match the HTTP\/1.1 protocol/);
      },
    ),
  ),

  senderCase('fails: a port where nobody listens', async (rig) => {
    const server = createTcpServer();
    const { url } = await rig.listen(server);
    await new Promise((resolve) => server.close(resolve));
    const record = await rig.send(rig.sender(url));
    assertHas(record, {
      outcome: 'refused',
      sentUs: null,
      status: null,
      firstByteUs: null,
    });
    assert.match(record.error ?? '', /ECONNREFUSED/);
    const named = await rig.send(rig.sender(url.replace('127.0.0.1', 'localhost')));
    assert.equal(named.outcome, 'refused');
    assert.match(named.error ?? '', /ECONNREFUSED/);
  }),

  senderCase('fails: a connection that does not come about in time', async (rig) => {
    const port = await listenDeaf(rig.onClose);
    const timeouts = { connectMs: 150, firstTokenMs: null, totalMs: 10_000 };
    const record = await rig.send(rig.sender(`http://127.0.0.1:${port}/v1`, { timeouts }));
    assertHas(record, { outcome: 'connect_timeout', sentUs: null });
    assert.ok(record.connectUs > 140_000);
    assert.ok(record.error?.startsWith(`No connection to 127.0.0.1:${port} in 150 ms.`));
  }),

  pacedCase(
    'fails: no first token in time, although comments and a role came',
    async (rig, slower) => {
      const { url } = await rig.serve((_request, response) => {
        response.writeHead(200, sseHeaders);
        response.write(`: wait\n\n${event({ choices: [{ delta: { role: 'assistant' } }] })}`);
      });
      const timeouts = { connectMs: 5000, firstTokenMs: 150 * slower, totalMs: 10_000 };
      const record = await rig.send(rig.sender(url, { timeouts }));
      assertHas(record, {
        outcome: 'first_token_timeout',
        status: 200,
        error: `No token in ${150 * slower} ms.`,
        firstTokenUs: null,
      });
      assert.notEqual(record.firstChunkUs, null);
    },
  ),

  pacedCase('fails: no end in time, with the tokens that came', async (rig, slower) => {
    const { url } = await rig.serve((_request, response) => {
      response.writeHead(200, sseHeaders);
      response.write(role + say('a'));
    });
    const timeouts = { connectMs: 5000, firstTokenMs: 100 * slower, totalMs: 300 * slower };
    const record = await rig.send(rig.sender(url, { timeouts }));
    assertHas(record, {
      outcome: 'timeout',
      status: 200,
      error: `No end of the response in ${300 * slower} ms.`,
    });
    assert.equal(record.chunks.atUs.length, 1);
  }),

  senderCase('fails: a place on a connection that never frees', async (rig) => {
    const { url } = await rig.serve(() => undefined);
    const timeouts = { connectMs: 5000, firstTokenMs: null, totalMs: 200 };
    const sender = rig.sender(url, { connections: 1, timeouts });
    const [first, second] = await Promise.all([rig.send(sender), rig.send(sender)]);
    assert.deepEqual([first.outcome, second.outcome], ['timeout', 'timeout']);
    // Both deadlines end at one moment: the second may still get the place that the first gave up.
    if (second.sentUs === null) assert.match(second.error ?? '', /never sent/);
    else assert.ok(second.sentUs >= first.endUs - 20_000);
  }),

  pacedCase(
    'cancelled before and inside the body; the connection is given up',
    async (rig, slower) => {
      let closed = 0;
      const { url } = await rig.serve((request, response) => {
        request.socket.on('close', () => closed++);
        response.writeHead(200, sseHeaders);
        response.write(say('a'));
      });
      const sender = rig.sender(url);
      assertHas(await rig.send(sender, AbortSignal.abort()), {
        outcome: 'cancelled',
        error: 'Cancelled.',
        sentUs: null,
      });
      const controller = new AbortController();
      const pending = rig.send(sender, controller.signal);
      await sleep(100 * slower);
      controller.abort();
      const record = await pending;
      assertHas(record, { outcome: 'cancelled', status: 200 });
      assert.equal(record.chunks.atUs.length, 1);
      for (let i = 0; i < 100 && closed === 0; i++) await sleep(10);
      assert.equal(closed, 1);
    },
  ),

  senderCase('cancelled by closing the sender, also those that wait', async (rig) => {
    const { url } = await rig.serve(() => undefined);
    const sender = rig.sender(url, { connections: 1 });
    const pending = Promise.all([rig.send(sender), rig.send(sender)]);
    await sleep(30);
    await sender.close();
    const outcomes = (await pending).map((record) => record.outcome);
    assert.deepEqual(outcomes, ['cancelled', 'cancelled']);
  }),

  senderCase('never sends a second time', async (rig) => {
    let posts = 0;
    const { url } = await rig.serve((request) => {
      posts++;
      request.socket.destroy();
    });
    const sender = rig.sender(url);
    await Promise.all([rig.send(sender), rig.send(sender)]);
    await sleep(50);
    assert.equal(posts, 2);
  }),

  senderCase('never sends a second time on a connection that closes when reused', async (rig) => {
    let posts = 0;
    const running = await rig.serve((request, response) => {
      posts++;
      if (posts === 1) stream(request, response);
      else request.socket.destroy();
    });
    const sender = rig.sender(running.url);
    assert.equal((await rig.send(sender)).outcome, 'ok');
    const record = await rig.send(sender);
    assertHas(record, { outcome: 'reset', status: null, connectUs: 0 });
    await sleep(50);
    assert.deepEqual([posts, running.connections], [2, 1]);
  }),

  senderCase('refuses headers that cannot be sent', async (rig) => {
    const { url } = await rig.serve(stream);
    const record = await rig.send(rig.sender(url, { headers: { 'x-bad': 'a\nb' } }));
    assertHas(record, { outcome: 'refused', sentUs: null });
    assert.match(record.error ?? '', /invalid x-bad header/);
  }),
];

/** A port whose queue of connections is full: the system answers no further one. */
async function listenDeaf(onClose: (cleanup: () => unknown) => void): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
    });`,
    { eval: true },
  );
  onClose(() => worker.terminate());
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  await sleep(60);
  for (let i = 0; i < 4; i++) {
    const filler = connect(port, '127.0.0.1').on('error', () => undefined);
    onClose(() => filler.destroy());
  }
  await sleep(60);
  return port;
}
