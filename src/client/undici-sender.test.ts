import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../core/index.ts';
import type { RequestRecord } from '../model/index.ts';
import { type ClientTarget, defaultTarget } from './client-target.ts';
import { proxyFromEnv } from './proxy-tunnel.ts';
import { createUndiciSender } from './undici-sender.ts';

// What holds for plain http as well is in src/testing/sender-cases.ts.

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

function listen(server: ReturnType<typeof createTcpServer>): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    });
  });
}

/** A plain answer of one token, over TLS. */
function answering(options: object = {}) {
  return createHttpsServer({ key: testKey, cert: testCert, ...options }, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
      response.end('data: [DONE]\n\n');
    });
  });
}

function send(url: string, changes: Partial<ClientTarget> = {}): Promise<RequestRecord> {
  const target: ClientTarget = {
    ...defaultTarget,
    url,
    api: 'chat',
    model: 'm',
    timeouts: { connectMs: 5000, firstTokenMs: 5000, totalMs: 10_000 },
    ...changes,
  };
  const sender = createUndiciSender(target, { clock });
  cleanups.push(() => sender.close());
  const planned = {
    index: 2,
    intendedUs: 0,
    inputTokens: 5,
    outputTokens: 2,
    prompt: { dataset: 'd', seed: 1, row: null },
  };
  const nowUs = clock.nowUs();
  return sender.send(planned, {
    level: 0,
    requestId: 'req-2',
    intendedUs: nowUs,
    counted: true,
    originUs: nowUs,
    promptText: 'hello',
    signal: new AbortController().signal,
  });
}

describe('TLS', () => {
  it('is spoken, with any certificate only when asked to', async () => {
    const server = answering();
    const url = await listen(server);
    const strict = await send(url);
    expect(strict).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(strict.error).toMatch(/self.signed/i);
    expect(strict.tlsUs).toBeGreaterThan(0);
    const record = await send(url, { insecureTls: true });
    expect(record).toMatchObject({ outcome: 'ok', dnsUs: 0 });
    expect(record.tlsUs).toBeGreaterThan(0);
    expect(record.tlsUs).toBeLessThan(record.connectUs);
    expect(record.writtenUs).toBeGreaterThanOrEqual(record.sentUs ?? Infinity);
    expect(record.writtenUs).toBeLessThanOrEqual(record.headersUs ?? 0);
  });

  it('takes its time apart from that of the name', async () => {
    const url = (await listen(answering())).replace('127.0.0.1', 'localhost');
    const { connectUs, dnsUs, tlsUs } = await send(url, { insecureTls: true });
    expect(dnsUs).toBeGreaterThan(0);
    expect(tlsUs).toBeGreaterThan(0);
    expect(Number(dnsUs) + Number(tlsUs)).toBeLessThanOrEqual(connectUs);
  });

  it('that does not come about in time is a connect_timeout', async () => {
    // A server that accepts and says nothing: the handshake never ends.
    const url = await listen(createTcpServer());
    const timeouts = { connectMs: 60, firstTokenMs: null, totalMs: 10_000 };
    const record = await send(url, { timeouts });
    expect(record).toMatchObject({ outcome: 'connect_timeout', sentUs: null });
    expect(record.connectUs).toBeGreaterThan(50_000);
    expect(record.tlsUs).toBeGreaterThan(0);
    expect(record.tlsUs).toBeLessThanOrEqual(record.connectUs);
    expect(record.error).toContain('60 ms');
  });
});

describe('HTTP/2', () => {
  const versions: string[] = [];
  const serve = () => {
    const server = createSecureServer({ key: testKey, cert: testCert, allowHTTP1: true });
    server.on('request', (request, response) => {
      versions.push(`${request.httpVersion} ${String(request.headers['x-request-id'])}`);
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
        setTimeout(() => {
          response.write('data: {"choices":[{"index":0,"delta":{"content":"b"}}]}\n\n');
          response.end('data: [DONE]\n\n');
        }, 30);
      });
    });
    return listen(server as unknown as ReturnType<typeof createTcpServer>);
  };

  it('is spoken only when asked for', async () => {
    const url = await serve();
    for (const http2 of [false, true]) {
      const record = await send(url, { insecureTls: true, http2 });
      expect(record).toMatchObject({ outcome: 'ok', status: 200, done: true });
      expect(Array.from(record.chunks.read)).toEqual([0, 1]);
      expect(record.tlsUs).toBeGreaterThan(0);
      expect(record.writtenUs).toBeGreaterThanOrEqual(record.sentUs ?? Infinity);
    }
    expect(versions).toEqual(['1.1 req-2', '2.0 req-2']);
  });

  it('is not asked of a server that does not offer it', async () => {
    const url = await listen(answering());
    expect(await send(url, { insecureTls: true, http2: true })).toMatchObject({ outcome: 'ok' });
  });
});

describe('a proxy', () => {
  /** An http proxy that opens tunnels; notes what it was asked. */
  async function listenProxy(refuse = false) {
    const asked: string[] = [];
    const server = createTcpServer((socket) => {
      socket.once('data', (bytes) => {
        const head = bytes.toString('latin1');
        asked.push(head);
        if (refuse) {
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
          return;
        }
        const [, port] = /^CONNECT \S+:(\d+) HTTP/.exec(head) ?? [];
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
        upstream.on('error', () => socket.destroy());
        cleanups.push(() => upstream.destroy());
      });
    });
    const url = (await listen(server)).replace(/^https(.*)\/v1$/, 'http$1');
    return { url, asked };
  }

  it('is gone through with a tunnel, over TLS', async () => {
    const proxy = await listenProxy();
    const url = await listen(answering());
    const withPassword = proxy.url.replace('//', '//user:p%40ss@');
    const record = await send(url, { insecureTls: true, proxy: withPassword });
    expect(record).toMatchObject({ outcome: 'ok', dnsUs: 0 });
    expect(record.tlsUs).toBeGreaterThan(0);
    expect(record.tlsUs).toBeLessThan(record.connectUs);
    const { host } = new URL(url);
    const credentials = Buffer.from('user:p@ss').toString('base64');
    expect(proxy.asked).toEqual([
      `CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\nproxy-authorization: Basic ${credentials}\r\n\r\n`,
    ]);
  });

  it('is gone through with a tunnel to plain http as well', async () => {
    const proxy = await listenProxy();
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n');
    });
    const url = (await listen(server)).replace('https', 'http');
    expect(await send(url, { proxy: proxy.url })).toMatchObject({ outcome: 'ok', tlsUs: 0 });
    expect(proxy.asked).toHaveLength(1);
  });

  it('that refuses, hangs up or is not there refuses the request', async () => {
    const url = await listen(answering());
    const refusing = await listenProxy(true);
    const record = await send(url, { insecureTls: true, proxy: refusing.url });
    expect(record).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(record.error).toContain('HTTP/1.1 407 Proxy Authentication Required');
    const mute = await listen(createTcpServer((socket) => socket.end()));
    const hungUp = await send(url, { proxy: mute.replace('https', 'http') });
    expect(hungUp).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(hungUp.error).toContain('hung up');
    const silent = await listen(createTcpServer());
    const timeouts = { connectMs: 60, firstTokenMs: null, totalMs: 10_000 };
    const late = await send(url, { proxy: silent.replace('https', 'http'), timeouts });
    expect(late).toMatchObject({ outcome: 'connect_timeout', sentUs: null });
    const gone = await send(url, { proxy: 'http://127.0.0.1:1' });
    expect(gone).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(gone.error).toMatch(/ECONNREFUSED/);
  });

  it('of another kind is refused before anything is sent', () => {
    const target = { ...defaultTarget, url: 'http://127.0.0.1/v1', model: 'm' };
    for (const proxy of ['socks5://127.0.0.1:1080', 'https://proxy', 'nonsense']) {
      expect(() => createUndiciSender({ ...target, proxy }, { clock })).toThrow(
        expect.objectContaining({ code: 'USAGE_ENDPOINT' }),
      );
    }
  });

  it.each<[string, Record<string, string>, string | null]>([
    ['http://a.example/v1', {}, null],
    ['http://a.example/v1', { HTTP_PROXY: 'http://p:3128' }, 'http://p:3128'],
    ['http://a.example/v1', { http_proxy: 'q:1', HTTP_PROXY: 'http://p:3128' }, 'http://q:1'],
    ['http://a.example/v1', { HTTP_PROXY: 'http://p', REQUEST_METHOD: 'GET' }, null],
    ['http://a.example/v1', { https_proxy: 'http://p' }, null],
    ['https://a.example/v1', { https_proxy: 'http://p' }, 'http://p'],
    ['https://a.example/v1', { ALL_PROXY: 'http://p' }, 'http://p'],
    ['https://a.example/v1', { https_proxy: 'http://p', no_proxy: '*' }, null],
    ['https://a.example/v1', { https_proxy: 'http://p', NO_PROXY: 'b.example, example' }, null],
    ['https://a.example/v1', { https_proxy: 'http://p', no_proxy: '.a.example' }, null],
    ['https://a.example/v1', { https_proxy: 'http://p', no_proxy: 'ample' }, 'http://p'],
    ['https://a.example:8/v1', { https_proxy: 'http://p', no_proxy: 'a.example:9' }, 'http://p'],
    ['https://a.example:8/v1', { https_proxy: 'http://p', no_proxy: 'a.example:8' }, null],
    ['http://[::1]:8/v1', { http_proxy: 'http://p', no_proxy: '::1' }, null],
    ['http://[::1]:8/v1', { http_proxy: 'http://p', no_proxy: '[::1]:8' }, null],
  ])('is read from the environment: %s %o', (url, env, expected) => {
    expect(proxyFromEnv(url, env)).toBe(expected);
  });
});
