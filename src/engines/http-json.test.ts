import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { askHttp } from './http-json.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('reads no answer without an end into memory', async () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  const url = await serve((_, response) => {
    const go = () => {
      while (response.writable && response.write(piece));
    };
    response.on('drain', go);
    response.writeHead(200);
    go();
  });
  await expect(askHttp(url, { timeoutMs: 50_000 })).rejects.toThrow(
    'the answer has no end: over 64 MiB of it',
  );
});

it('puts letters together that come in two pieces', async () => {
  const bytes = Buffer.from('{"a":"ü"}');
  const url = await serve((_, response) => {
    response.write(bytes.subarray(0, 7));
    setTimeout(() => response.end(bytes.subarray(7)), 20);
  });
  expect(await askHttp(url, { timeoutMs: 50_000 })).toEqual({ status: 200, text: '{"a":"ü"}' });
});
