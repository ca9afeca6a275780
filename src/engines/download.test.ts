import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheLayout } from './cache.ts';
import { downloadFile } from './download.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext } from './test-support.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const sha256 = createHash('sha256').update(content).digest('hex');

let ctx: TestContext;
let server: Server;
let url: string;
let requests: { range: string | undefined }[];
/** Set by each test; by default a well-behaved file server. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

function serveRange(request: IncomingMessage, response: ServerResponse, etag = '"1"'): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const partial = from > 0 && request.headers['if-range'] === etag;
  const body = partial ? content.subarray(from) : content;
  response.writeHead(partial ? 206 : 200, { etag, 'content-length': body.length });
  response.end(body);
}

/** Promises everything, sends `bytes`, breaks off once they are in the file. */
function serveCut(response: ServerResponse, from: number, bytes: number): void {
  response.writeHead(from > 0 ? 206 : 200, {
    etag: '"1"',
    'content-length': content.length - from,
  });
  response.write(content.subarray(from, from + bytes));
  breakOff(response, from + bytes);
}

/** What is on its way when a connection breaks may be lost: not before it has arrived. */
function breakOff(response: ServerResponse, bytes: number): void {
  const { downloads } = cacheLayout(ctx);
  const look = setInterval(() => {
    const parts = existsSync(downloads) ? readdirSync(downloads) : [];
    const found = parts.map((name) => statSync(join(downloads, name), { throwIfNoEntry: false }));
    if (!found.some((one) => (one?.size ?? 0) >= bytes) && !response.destroyed) return;
    clearInterval(look);
    response.destroy();
  }, 5);
}

beforeEach(async () => {
  ctx = createTestContext({ env: { no_proxy: '*' } });
  requests = [];
  answer = serveRange;
  server = createServer((request, response) => {
    requests.push({ range: request.headers.range });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  ctx.cleanUp();
});

const target = () => join(ctx.folder, 'model.bin');
const fetchIt = (changes: { sha256?: string | null; url?: string } = {}) =>
  downloadFile(ctx, cacheLayout(ctx), {
    url,
    target: target(),
    what: 'the model',
    sha256,
    bytes: null,
    ...changes,
  });
const leftovers = () => readdirSync(cacheLayout(ctx).downloads);

describe('downloadFile', () => {
  it('fetches, reports progress up to the total, verifies', async () => {
    expect(await fetchIt()).toEqual({ sha256, bytes: content.length });
    expect(readFileSync(target()).equals(content)).toBe(true);
    expect(ctx.events.at(-1)).toEqual({
      kind: 'download',
      what: 'the model',
      doneBytes: content.length,
      totalBytes: content.length,
    });
    expect(leftovers()).toEqual([]);
  });

  it('goes on where the connection broke off', async () => {
    answer = (request, response) =>
      requests.length === 1 ? serveCut(response, 0, 100_000) : serveRange(request, response);
    await fetchIt();
    expect(requests).toEqual([{ range: undefined }, { range: 'bytes=100000-' }]);
    expect(readFileSync(target()).equals(content)).toBe(true);
  });

  it('goes on where an earlier call gave up', async () => {
    answer = (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      // One thousand bytes each, so that five attempts are not enough.
      serveCut(response, from, 1_000);
    };
    await expect(fetchIt()).rejects.toMatchObject({ details: { kind: 'cut' } });
    const before = requests.length;
    answer = serveRange;
    await fetchIt();
    expect(requests[before]).toEqual({ range: 'bytes=5000-' });
    expect(readFileSync(target()).equals(content)).toBe(true);
  });

  it('begins again when the file on the server is another one', async () => {
    answer = (request, response) =>
      requests.length === 1 ? serveCut(response, 0, 100_000) : serveRange(request, response, '"2"');
    await fetchIt();
    expect(readFileSync(target()).equals(content)).toBe(true);
  });

  it('refuses content that is not the pinned one, and forgets it', async () => {
    await expect(fetchIt({ sha256: 'a'.repeat(64) })).rejects.toMatchObject({
      code: 'PREREQ_DOWNLOAD',
      details: { kind: 'digest' },
    });
    expect(existsSync(target())).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('tells a refusal of the server from an unreachable one', async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(fetchIt()).rejects.toMatchObject({
      details: { kind: 'status', reason: 'HTTP 404' },
    });
    await expect(fetchIt({ url: 'http://127.0.0.1:1/x' })).rejects.toMatchObject({
      details: { kind: 'unreachable' },
    });
  });

  it('follows redirects', async () => {
    answer = (request, response) =>
      request.url === '/model.bin'
        ? response.writeHead(302, { location: '/elsewhere' }).end()
        : serveRange(request, response);
    expect((await fetchIt()).sha256).toBe(sha256);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    ctx.signal = stop.signal;
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 10), () => stop.abort(new Error('enough')));
    };
    await expect(fetchIt()).rejects.toThrow('enough');
  });

  it('goes through the proxy of the environment', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const port = (proxy.address() as AddressInfo).port;
    const names = [
      'http_proxy',
      'HTTP_PROXY',
      'https_proxy',
      'HTTPS_PROXY',
      'no_proxy',
      'NO_PROXY',
    ];
    ctx.env = {
      ...ctx.env,
      ...Object.fromEntries(names.map((name) => [name, undefined])),
      HTTP_PROXY: `http://127.0.0.1:${port}`,
    };
    await fetchIt();
    expect(tunnels).toEqual([new URL(url).host]);
    proxy.closeAllConnections();
    proxy.close();
  });
});

describe('only the beginning of a file', () => {
  const firstBytes = 100_001;
  const beginning = content.subarray(0, firstBytes);
  const request = () => ({
    url,
    target: target(),
    what: 'a beginning',
    sha256: createHash('sha256').update(beginning).digest('hex'),
    bytes: firstBytes,
    firstBytes,
  });

  it('is asked for as a range', async () => {
    answer = (_request, response) => {
      response.writeHead(206, { etag: '"1"', 'content-length': firstBytes });
      response.end(beginning);
    };
    expect(await downloadFile(ctx, cacheLayout(ctx), request())).toMatchObject({
      bytes: firstBytes,
    });
    expect(requests).toEqual([{ range: 'bytes=0-100000' }]);
    expect(readFileSync(target())).toEqual(beginning);
  });

  it('is all that is taken from a server without ranges', async () => {
    let ended = false;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 * content.length });
      // It would go on for ever.
      const more = () => {
        while (!response.destroyed && response.write(content));
      };
      response.on('drain', more).on('close', () => (ended = true));
      more();
    };
    await downloadFile(ctx, cacheLayout(ctx), request());
    expect(readFileSync(target())).toEqual(beginning);
    await expect.poll(() => ended).toBe(true);
  });

  it('goes on where an attempt broke off, to the same end', async () => {
    answer = (incoming, response) => {
      const from = Number(/bytes=(\d+)-/.exec(incoming.headers.range ?? '')?.[1] ?? 0);
      if (from === 0) {
        response.writeHead(206, { etag: '"1"', 'content-length': firstBytes });
        response.write(beginning.subarray(0, 40_000));
        breakOff(response, 40_000);
        return;
      }
      response.writeHead(206, { etag: '"1"', 'content-length': firstBytes - from });
      response.end(beginning.subarray(from));
    };
    await downloadFile(ctx, cacheLayout(ctx), request());
    expect(requests.at(-1)?.range).toMatch(/^bytes=\d+-100000$/);
    expect(readFileSync(target())).toEqual(beginning);
  });
});
