import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { RequestRecord } from '../model/index.ts';
import type { Case } from './case.ts';
import {
  answer,
  assertHas,
  httpChunk,
  lastChunk,
  type SenderFactory,
  senderCase,
  sseHeaders,
  stream,
  streamHead,
} from './sender-rig.ts';

/** More than the buffers of both ends of a connection take. */
const largePrompt = 'x'.repeat(24_000_000);

function assertOrder(record: RequestRecord): void {
  const { intendedUs, sentUs, writtenUs, headersUs, endUs } = record;
  const times = [intendedUs, sentUs, writtenUs, headersUs, endUs].map(Number);
  assert.deepEqual(
    times,
    [...times].sort((x, y) => x - y),
  );
}

/** Phases of a request, and what is told to the server about it. */
export const senderPhaseCases: readonly Case<SenderFactory>[] = [
  senderCase('phases: DNS is told apart where there is a name to resolve', async (rig) => {
    const { url } = await rig.serve(stream);
    const byAddress = rig.sender(url);
    const first = await rig.send(byAddress);
    assertHas(first, { outcome: 'ok', dnsUs: 0, tlsUs: 0 });
    assert.ok(first.connectUs > 0);
    assertOrder(first);
    const again = await rig.send(byAddress);
    assertHas(again, { outcome: 'ok', connectUs: 0, dnsUs: 0, tlsUs: 0 });
    assertOrder(again);
    const byName = rig.sender(url.replace('127.0.0.1', 'localhost'));
    const named = await rig.send(byName);
    assertHas(named, { outcome: 'ok', tlsUs: 0 });
    assert.ok(Number(named.dnsUs) > 0 && Number(named.dnsUs) <= named.connectUs);
    assertHas(await rig.send(byName), { connectUs: 0, dnsUs: 0, tlsUs: 0 });
  }),

  senderCase('phases: DNS is told apart where it is all that was', async (rig) => {
    const record = await rig.send(rig.sender('http://nosuch.invalid/v1'));
    assertHas(record, { outcome: 'refused', sentUs: null, writtenUs: null, tlsUs: 0 });
    assert.ok(Number(record.dnsUs) > 0 && Number(record.dnsUs) <= record.connectUs);
  }),

  senderCase('phases: written is when the kernel has taken the last byte', async (rig) => {
    const server = createTcpServer({ pauseOnConnect: true }, (socket) => {
      let received = 0;
      socket.on('data', (bytes) => {
        received += bytes.length;
        if (received < largePrompt.length) return;
        socket.removeAllListeners('data');
        socket.write(streamHead + httpChunk(answer) + lastChunk);
      });
      socket.pause();
      setTimeout(() => socket.resume(), 80);
    });
    const { url } = await rig.listen(server);
    const record = await rig.send(rig.sender(url), undefined, { promptText: largePrompt });
    assertHas(record, { outcome: 'ok' });
    assertOrder(record);
    assert.ok(Number(record.writtenUs) - Number(record.sentUs) > 50_000);
  }),

  senderCase('phases: a request that was never written whole has no such time', async (rig) => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(streamHead + httpChunk(answer) + lastChunk);
      });
    });
    const { url } = await rig.listen(server);
    const record = await rig.send(rig.sender(url), undefined, { promptText: largePrompt });
    assertHas(record, { outcome: 'ok', writtenUs: null });
  }),

  senderCase('an id of its own and filled-in headers go out with each request', async (rig) => {
    const seen: IncomingHttpHeaders[] = [];
    const { url } = await rig.serve((request, response) => {
      seen.push(request.headers);
      stream(request, response);
    });
    const headers = {
      'X-Session': 's-{index}',
      'x-trace': '{requestId}/{index}/{requestId}',
      'x-other': '{braces} stay',
      'X-Request-Id': 'not this one',
    };
    const sender = rig.sender(url, { headers });
    for (const index of [0, 11]) {
      await rig.send(sender, undefined, { index, requestId: `id-${index}\r\nx-evil: 1` });
    }
    assert.deepEqual(
      seen.map((own) => [own['x-request-id'], own['x-session'], own['x-trace'], own['x-other']]),
      [
        ['id-0x-evil: 1', 's-0', 'id-0x-evil: 1/0/id-0x-evil: 1', '{braces} stay'],
        ['id-11x-evil: 1', 's-11', 'id-11x-evil: 1/11/id-11x-evil: 1', '{braces} stay'],
      ],
    );
    assert.ok(seen.every((own) => own['x-evil'] === undefined));
  }),

  senderCase('several URLs share the load, and the record says which it was', async (rig) => {
    const servers = await Promise.all(
      [0, 1, 2].map(() =>
        rig.serve((_request, response) => {
          response.writeHead(200, sseHeaders);
          setTimeout(() => response.end(answer), 30);
        }),
      ),
    );
    const urls = servers.map((server) => server.url);
    for (const balance of ['round-robin', 'least-outstanding'] as const) {
      const sender = rig.sender(urls[0] ?? '', { urls, balance });
      const records = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((index) => rig.send(sender, undefined, { index })),
      );
      assert.deepEqual(
        records.map((record) => record.targetIndex),
        balance === 'round-robin' ? [0, 1, 2, 1, 2, 0] : [0, 1, 2, 0, 1, 2],
      );
    }
    assert.deepEqual(
      servers.map((server) => server.connections),
      [4, 4, 4],
    );
  }),
];
