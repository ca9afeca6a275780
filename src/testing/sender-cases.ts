import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { detailsOf } from '../client/index.ts';
import type { RequestRecord } from '../model/index.ts';
import type { Case } from './case.ts';
import { senderFailureCases } from './sender-failure-cases.ts';
import { senderPhaseCases } from './sender-phase-cases.ts';
import {
  answer,
  assertHas,
  done,
  finish,
  httpChunk,
  lastChunk,
  pacedCase,
  role,
  type SenderFactory,
  say,
  senderCase,
  sseHeaders,
  stream,
  streamHead,
  total,
} from './sender-rig.ts';
import { senderShapeCases } from './sender-shape-cases.ts';

/** Writes pieces one after the other, each in a segment of its own as far as that can be had. */
async function writeApart(socket: Socket, pieces: readonly (string | Buffer)[], gapMs = 15) {
  for (const piece of pieces) {
    socket.write(piece);
    await sleep(gapMs);
  }
}

const ok: Partial<RequestRecord> = {
  outcome: 'ok',
  error: null,
  status: 200,
  outputTokensUsage: 2,
  done: true,
};

/** What every way to a server that speaks plain http has to do. */
export const senderCases: readonly Case<SenderFactory>[] = [
  pacedCase('a request arrives as asked and is recorded in order of time', async (rig, slower) => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    const { url } = await rig.serve(async (request, response, body) => {
      seen.push({ request, body });
      response.writeHead(200, sseHeaders);
      response.write(role);
      await sleep(20 * slower);
      response.write(say('a'));
      await sleep(20 * slower);
      response.end(say('b') + finish + total + done);
    });
    const record = await rig.send(rig.sender(`${url}/`));
    const { request, body } = seen[0] ?? assert.fail('no request');
    assert.equal(request.method, 'POST');
    assert.equal(request.url, '/v1/chat/completions');
    assert.equal(request.headers.host, new URL(url).host);
    assert.equal(request.headers.authorization, 'Bearer key-123456');
    assert.equal(request.headers['x-request-id'], 'req-2');
    assert.equal(request.headers['accept-encoding'], 'identity');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers.connection, 'keep-alive');
    const sent = JSON.parse(body) as Record<string, unknown>;
    assertHas(sent, {
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      max_tokens: 2,
    });
    assertHas(record, {
      ...ok,
      intendedUs: 1000,
      inputTokensUsage: 5,
      tokenSource: 'one-per-chunk',
    });
    const times = [
      record.intendedUs,
      record.sentUs,
      record.headersUs,
      record.firstChunkUs,
      record.firstTokenUs,
      record.lastTokenUs,
      record.endUs,
    ].map(Number);
    assert.deepEqual(
      times,
      [...times].sort((x, y) => x - y),
    );
    assert.ok(times.every(Number.isInteger));
    assert.ok(Number(record.firstTokenUs) > Number(record.firstChunkUs));
    assert.ok(Number(record.lastTokenUs) > Number(record.firstTokenUs));
    assert.deepEqual(Array.from(record.chunks.read), [1, 2]);
  }),

  senderCase('everything of one network read is stamped alike', async (rig) => {
    const record = await rig.exchange((socket) => {
      const body = [say('a'), say('b'), finish + total, done].map(httpChunk).join('');
      socket.write(streamHead + body + lastChunk);
    });
    assert.equal(record.outcome, 'ok');
    assert.deepEqual(Array.from(record.chunks.read), [0, 0]);
    const { headersUs, firstByteUs, chunks } = record;
    assert.equal(new Set([headersUs, firstByteUs, ...Array.from(chunks.atUs)]).size, 1);
  }),

  senderCase('the time of connecting is kept apart, and connections are reused', async (rig) => {
    const running = await rig.serve(stream);
    const sender = rig.sender(running.url);
    const first = await rig.send(sender);
    const second = await rig.send(sender);
    assert.ok(first.connectUs > 0);
    assert.ok(Number(first.sentUs) >= first.intendedUs + first.connectUs - 1);
    assert.equal(second.connectUs, 0);
    assert.equal(running.connections, 1);
  }),

  senderCase('connections are opened anew for each request when asked to', async (rig) => {
    const asked: (string | undefined)[] = [];
    const running = await rig.serve((request, response) => {
      asked.push(request.headers.connection);
      stream(request, response);
    });
    const sender = rig.sender(running.url, { connectionReuse: 'never' });
    const records = [await rig.send(sender), await rig.send(sender)];
    assert.deepEqual(asked, ['close', 'close']);
    assert.ok(records.every((record) => record.outcome === 'ok' && record.connectUs > 0));
    assert.equal(running.connections, 2);
  }),

  senderCase('no hidden cap: every request in flight is on its own connection', async (rig) => {
    const held: ServerResponse[] = [];
    const running = await rig.serve((_request, response) => {
      held.push(response);
      if (held.length === 150) for (const one of held) one.end(answer);
    });
    const sender = rig.sender(running.url);
    const records = await Promise.all(Array.from({ length: 150 }, () => rig.send(sender)));
    assert.ok(records.every((record) => record.outcome === 'ok'));
    assert.equal(running.connections, 150);
  }),

  senderCase('a cap that was asked for is kept to', async (rig) => {
    const running = await rig.serve(stream);
    const sender = rig.sender(running.url, { connections: 2 });
    const records = await Promise.all(Array.from({ length: 8 }, () => rig.send(sender)));
    assert.ok(records.every((record) => record.outcome === 'ok'));
    assert.equal(running.connections, 2);
  }),

  senderCase('connections are opened beforehand', async (rig) => {
    let posts = 0;
    const running = await rig.serve((request, response) => {
      if (request.method === 'GET') {
        setTimeout(() => response.writeHead(500).end('no'), 50);
        return;
      }
      posts++;
      stream(request, response);
    });
    const sender = rig.sender(running.url);
    await sender.prepare?.(5);
    // The server learns of a connection after the client.
    for (let i = 0; i < 100 && running.connections < 5; i++) await sleep(10);
    assert.deepEqual([running.connections, posts], [5, 0]);
    const records = await Promise.all(Array.from({ length: 5 }, () => rig.send(sender)));
    assert.deepEqual(
      records.map((record) => record.connectUs),
      [0, 0, 0, 0, 0],
    );
    assert.equal(running.connections, 5);
  }),

  pacedCase(
    'a connection that the server closed while it was idle is not used',
    async (rig, slower) => {
      const running = await rig.serve((request, response) => {
        stream(request, response);
        response.on('finish', () => setTimeout(() => request.socket.end(), 20));
      });
      const sender = rig.sender(running.url);
      await rig.send(sender);
      await sleep(120 * slower);
      assert.equal((await rig.send(sender)).outcome, 'ok');
      assert.equal(running.connections, 2);
    },
  ),

  senderCase('a connection is not used again where the server says so', async (rig) => {
    const running = await rig.serve((_request, response) => {
      response.writeHead(200, { ...sseHeaders, connection: 'close' });
      response.end(answer);
    });
    const sender = rig.sender(running.url);
    assertHas(await rig.send(sender), ok);
    assertHas(await rig.send(sender), ok);
    assert.equal(running.connections, 2);
  }),

  senderCase('bytes behind a response are not taken for the next one', async (rig) => {
    const running = await rig.serveRaw((socket) => {
      const whole = streamHead + httpChunk(answer) + lastChunk;
      socket.write(`${whole}HTTP/1.1 500 Unasked\r\nContent-Length: 0\r\n\r\n`);
    });
    const sender = rig.sender(running.url);
    assertHas(await rig.send(sender), ok);
    assertHas(await rig.send(sender), ok);
    assert.equal(running.connections, 2);
  }),

  senderCase('a body that ends with the connection', async (rig) => {
    const record = await rig.exchange((socket) => {
      socket.end(
        `HTTP/1.0 200 OK\r\nContent-type: text/event-stream\r\n\r\n: keepalive 1/2\n\n${answer}`,
      );
    });
    assertHas(record, ok);
  }),

  senderCase('a body that ends with a reset where the connection ends it anyway', async (rig) => {
    const record = await rig.exchange((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${answer}`);
      setTimeout(() => socket.resetAndDestroy(), 40);
    });
    assertHas(record, ok);
  }),

  senderCase('a body of stated length', async (rig) => {
    const record = await rig.exchange((socket) => {
      const length = `Content-Length: ${Buffer.byteLength(answer)}`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${length}\r\n\r\n`);
      socket.write(answer);
    });
    assertHas(record, ok);
  }),

  senderCase('interim responses, chunk extensions and trailers', async (rig) => {
    const chunk = httpChunk(answer).replace('\r\n', ';name="x"\r\n');
    const record = await rig.exchange((socket) => {
      socket.write(
        `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${streamHead}${chunk}0\r\nServer-Timing: total;dur=3\r\n\r\n`,
      );
    });
    assertHas(record, ok);
  }),

  senderCase('a response cut anywhere gives what it gives whole', async (rig) => {
    const text =
      say('grün') + say('\\"\n😀') + `: x\r\n\r\n${say('c').trimEnd()}\r\n\r\n` + finish + done;
    const body = [text.slice(0, 100), text.slice(100)].map(httpChunk).join('');
    const bytes = Buffer.from(streamHead + body + lastChunk);
    for (const size of [1, 7, 61, bytes.length]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const record = await rig.exchange((socket) => void writeApart(socket, pieces, 0));
      assertHas(record, { outcome: 'ok', error: null, done: true });
      assert.equal(detailsOf(record)?.text.lanes[0]?.text, 'grün\\"\n😀c');
      assert.equal(record.chunks.atUs.length, 3);
    }
  }),

  senderCase('tokens over many reads have stamps and read numbers of their own', async (rig) => {
    const record = await rig.exchange((socket) => {
      const tokens = ['a', 'b', 'c', 'd'].map((text) => httpChunk(say(text)));
      void writeApart(socket, [
        streamHead,
        httpChunk(role),
        ...tokens,
        httpChunk(finish + done) + lastChunk,
      ]);
    });
    const { atUs, read } = record.chunks;
    assert.deepEqual(Array.from(read), [1, 2, 3, 4]);
    for (let i = 1; i < atUs.length; i++) assert.ok(Number(atUs[i]) > Number(atUs[i - 1]) + 5000);
    assert.equal(record.firstTokenUs, atUs[0]);
    assert.equal(record.lastTokenUs, atUs[3]);
  }),

  senderCase('a body that stays open after [DONE] is not waited for', async (rig) => {
    const { url } = await rig.serve((_request, response) => {
      response.writeHead(200, sseHeaders);
      response.write(answer);
    });
    const record = await rig.send(rig.sender(url));
    assertHas(record, ok);
    assert.equal(record.endUs, record.lastTokenUs);
  }),

  senderCase('a prompt larger than any socket buffer arrives whole', async (rig) => {
    let length = 0;
    const { url } = await rig.serve((request, response, body) => {
      length = (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content
        .length as number;
      stream(request, response);
    });
    const sender = rig.sender(url);
    const promptText = '"ü\n'.repeat(700_000);
    const record = await rig.send(sender, undefined, { promptText });
    assert.equal(record.outcome, 'ok');
    assert.equal(length, promptText.length);
  }),

  ...senderPhaseCases,
  ...senderShapeCases,
  ...senderFailureCases,
];
